import type { FileOperation } from '../../decide/request.ts'

type Operation = FileOperation['op']

/** What an option of `rsync --server` adds to what the transfer itself does. */
export interface RsyncOption {
  /** For the side that writes, unless `reads` says otherwise. */
  readonly needs?: readonly Operation[]
  readonly reads?: readonly Operation[]
  /** Why one side may not have it. */
  readonly refuseRead?: string
  readonly refuseWrite?: string
  /** What its value must look like; without this it has none. */
  readonly value?: RegExp
}

const follows = 'it follows symbolic links out of the tree'
const number = /^[0-9]{1,18}$/
const word = /^[A-Za-z0-9_,.+-]{1,64}$/
const removes = { needs: ['remove', 'rmdir'] } as const

/** The letters of the first cluster; what is not here is refused. */
export const rsyncLetters: ReadonlyMap<string, RsyncOption> = new Map<string, RsyncOption>([
  ...'v q n r i d c u W I x m S y z O J'
    .split(' ')
    .map((letter): [string, RsyncOption] => [letter, {}]),
  ...'t p o g U N E A X'
    .split(' ')
    .map((letter): [string, RsyncOption] => [letter, { needs: ['setstat'] }]),
  ['D', { needs: ['setstat'] }],
  ['H', { needs: ['hardlink'] }],
  ['b', { needs: ['rename'] }],
  ['l', { needs: ['symlink'], reads: ['readlink'] }],
  ['L', { refuseRead: follows }],
  ['k', { refuseRead: follows }],
  ['K', { refuseWrite: follows }],
  ['R', { refuseWrite: 'the names that come later could lead out of the tree' }],
])

/** The long options that reach nothing outside the paths of the command; what is not here is refused. */
export const rsyncWords: ReadonlyMap<string, RsyncOption> = new Map<string, RsyncOption>([
  ...(
    'stats numeric-ids inplace partial append existing ignore-existing ignore-errors size-only ' +
    'no-implied-dirs delay-updates safe-links munge-links mkpath preallocate sparse list-only ' +
    'new-compress old-compress ignore-missing-args from0 no-r fsync prune-empty-dirs'
  )
    .split(' ')
    .map((name): [string, RsyncOption] => [name, {}]),
  ...(
    'delete delete-before delete-during delete-delay delete-after delete-excluded ' +
    'delete-missing-args force'
  )
    .split(' ')
    .map((name): [string, RsyncOption] => [name, removes]),
  ['remove-source-files', { reads: ['remove'] }],
  ...(
    'timeout bwlimit max-delete max-size min-size compress-level checksum-seed modify-window ' +
    'protocol'
  )
    .split(' ')
    .map((name): [string, RsyncOption] => [name, { value: number }]),
  ...'checksum-choice compress-choice info debug max-alloc'
    .split(' ')
    .map((name): [string, RsyncOption] => [name, { value: word }]),
  ['suffix', { value: /^[A-Za-z0-9_.~+-]{1,64}$/, needs: ['rename'] }],
  ['log-format', { value: /^[%A-Za-z ]{1,32}$/ }],
  ['files-from', { value: /^-$/ }],
])

/** The letters after `e.` say what the client's own rsync can do. */
export const rsyncAbilities: RegExp = /^[0-9]{0,3}\.[0-9]{0,3}[A-Za-z]{0,32}$/
