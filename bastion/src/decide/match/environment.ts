import type { Effect } from '../decision.ts'
import { matchesWildcard } from './wildcard.ts'

/** The value of a variable: a glob whose `*` does not cross `/`, or any printable text. */
export type EnvironmentPattern = string | { readonly any: true }

const maxValueLength = 1024
const name = /^[A-Za-z_][A-Za-z0-9_]{0,127}$/
const printable = /^[\x20-\x7e]*$/
const safeName = /^(?:LANG|LANGUAGE|LC_[A-Z]{1,24}|TERM|COLORTERM)$/
const safeValue = /^[A-Za-z0-9_.@:+-]{0,64}$/

// Variables by which a shell, a loader, an interpreter or a common tool runs or loads something.
const dangerous = new RegExp(
  '^(?:' +
    'LD_.*|DYLD_.*|GCONV_PATH|LOCPATH|NLSPATH|GLIBC_TUNABLES|MALLOC_.*|HOSTALIASES|RES_OPTIONS|' +
    'LOCALDOMAIN|TERMINFO.*|TERMCAP|TERMPATH|TZDIR|' +
    'PATH|IFS|ENV|BASH.*|SHELLOPTS|PS[0-4]|PROMPT_COMMAND|CDPATH|FPATH|ZDOTDIR|GLOBIGNORE|INPUTRC|' +
    'HOME|SHELL|USER|LOGNAME|TMPDIR|SSH_.*|SUDO_.*|XDG_.*|DBUS_.*|SYSTEMD_.*|DISPLAY|XAUTHORITY|' +
    'GIT_(?!PROTOCOL$).*|.*PAGER|.*EDITOR|VISUAL|BROWSER|LESS.*|MORE|MANOPT|' +
    'PYTHON.*|PERL.*|RUBY.*|GEM_.*|BUNDLE_.*|NODE_.*|NPM_.*|npm_.*|LUA_.*|PHP.*|JAVA_.*|_JAVA_.*|' +
    'JDK_.*|CLASSPATH|MAVEN_.*|GRADLE_.*|GOFLAGS|CARGO_.*|RUST.*|MAKEFLAGS|CC|CXX|TAR_OPTIONS|' +
    'RSYNC_.*|GZIP|XZ_.*|ZIPOPT|GREP_OPTIONS|AWK.*|OPENSSL_.*|CURL_HOME|KUBECONFIG|DOCKER_.*|ANSIBLE_.*' +
    ')$',
)

/** Returns whether no rule may let a variable through. */
export function isDangerousVariable(variable: string): boolean {
  return !name.test(variable) || dangerous.test(variable)
}

/** Returns whether a variable is only about language and terminal, with a value that is only that. */
export function isSafeVariable(variable: string, value: string): boolean {
  return safeName.test(variable) && safeValue.test(value)
}

/** Returns whether a rule's pattern covers a value: printable and narrow to allow, wide to deny. */
export function acceptsValue(pattern: EnvironmentPattern, effect: Effect, value: string): boolean {
  const narrow = effect !== 'deny'
  if (narrow && (value.length > maxValueLength || !printable.test(value))) return false
  if (typeof pattern !== 'string') return true
  return matchesWildcard(pattern, value, { separators: narrow ? '/' : '', leadingDot: true })
}
