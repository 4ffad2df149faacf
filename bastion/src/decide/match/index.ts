export { compileEndpoint, type EndpointMatcher, type EndpointPattern } from './endpoint.ts'
export {
  acceptsValue,
  isDangerousVariable,
  isSafeVariable,
  type EnvironmentPattern,
} from './environment.ts'
export type { OptionPattern } from './options.ts'
export { allowsPath, compilePath, couldReachPath, type PathPattern } from './path.ts'
export { baseName, isShellOnly, needsSpelling, refuseProgram } from './programs.ts'
export {
  compileRun,
  type Misfit,
  type PlacedCommand,
  type RunMatcher,
  type RunPattern,
} from './run.ts'
export {
  compileScope,
  type NamePattern,
  type ScopeMatcher,
  type ValuePattern,
  type WherePattern,
  type WhoPattern,
} from './scope.ts'
export { matchesWildcard, type WildcardOptions } from './wildcard.ts'
export type { WordPattern } from './word.ts'
