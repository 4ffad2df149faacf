export { isInward, readAddress, type Address } from './address.ts'
export {
  compileEndpoint,
  type EndpointMatcher,
  type EndpointPattern,
  type EndpointUse,
} from './endpoint.ts'
export {
  acceptsValue,
  isDangerousVariable,
  isSafeVariable,
  type EnvironmentPattern,
} from './environment.ts'
export { compileFiles, readSize, type FilesMatcher, type FilesPattern } from './files.ts'
export { compileGit, type GitMatcher, type GitPattern, type GitService } from './git.ts'
export type { OptionPattern } from './options.ts'
export { allowsPath, compilePath, couldNamePath, couldReachPath, type PathPattern } from './path.ts'
export { refusePattern } from './pattern.ts'
export { baseName, isShellOnly, needsSpelling, refuseAlways, refuseProgram } from './programs.ts'
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
  type ScopeCondition,
  type ScopePatterns,
  type ValuePattern,
  type WherePattern,
  type WhoPattern,
} from './scope.ts'
export {
  isTimeZone,
  readWindow,
  weekdays,
  type Weekday,
  type WhenMatcher,
  type WhenPattern,
} from './when.ts'
export { matchesWildcard, type WildcardOptions } from './wildcard.ts'
export { compileWord, type WordMatcher, type WordPattern } from './word.ts'
