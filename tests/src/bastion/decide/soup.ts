import fc from 'fast-check'

/** The programs whose names a soup is made of. */
export const soupPrograms: readonly string[] =
  'rm id ls r m x if rmid xx idx nice timeout env sh time 5'.split(' ')

/** Those of them that run another one. */
export const soupWrappers: ReadonlySet<string> = new Set(['nice', 'timeout', 'env', 'sh', 'time'])

/** Returns inputs of shell fragments in any order: some lines, most of them nonsense. */
export function soup(out: string): fc.Arbitrary<string> {
  const piece = fc.oneof(
    { weight: 10, arbitrary: fc.constantFrom('rm', 'id', 'ls', 'r', 'm', 'x', 'if', 'a=b', '-rf') },
    { weight: 8, arbitrary: fc.constantFrom(' ', ' ', '  ', '\t') },
    { weight: 4, arbitrary: fc.constantFrom(';', '\n', '&', '|', '&&', '||', ' & ', ' ; ', ' | ') },
    {
      weight: 5,
      arbitrary: fc.constantFrom("'", '"', '\\', "''", '""', "'a b'", '"a b"', '"\\"\'"', "\\'"),
    },
    {
      weight: 3,
      arbitrary: fc.constantFrom(`>${out}/o `, `2>>${out}/o `, '2>&1', '>&2 ', '</dev/null'),
    },
    {
      weight: 2,
      arbitrary: fc.constantFrom('é', '日本', ',', '%', '^', '@', ':', '/', '=', '~', ']'),
    },
    { weight: 1, arbitrary: fc.constantFrom(...'$`(){}<>#!*?[2'.split(''), ' #', ' ! ', '{}') },
    { weight: 1, arbitrary: fc.constantFrom('\\\n', "$'", '$"', '${x}', '<<E', '\nE\n', '<<<') },
    { weight: 1, arbitrary: fc.constantFrom('\r', '|&', '&>', ';;', 'then', 'time', '\u00a0') },
    { weight: 1, arbitrary: fc.constantFrom('nice ', 'timeout 5 ', 'env a=b ', "sh -c '", '-n ') },
  )
  return fc
    .array(piece, { minLength: 1, maxLength: 12 })
    .map((pieces) => `${['rm ', 'id ', ''][pieces.length % 3] ?? ''}${pieces.join('')}`)
}
