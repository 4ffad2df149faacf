import fc from 'fast-check'

// For each wrapper the words that its options, values and operands are made of, right and wrong. What
// clears PATH is left out, since the stubs are only found there.
const vocabularies: Readonly<Record<string, string>> = {
  nice: '-n 5 -5 -n5 --adjustment --adjustment=3 -n-5 -- -a --adj=3 -',
  ionice: '-c 3 -c2 -n7 -n 7 -t -tc3 --class idle --class=3 -p -- 1 -cn',
  nohup: '-- - --x x',
  timeout: '5 5s -k 1 -k1 -s KILL -sTERM --signal=HUP --foreground -v -- 0.5m x -kv --kill-after 2',
  stdbuf: '-oL -o L -e0 -i 0 --output=L --error 0 -- -oe L x',
  setsid: '-w -f -fw -- --wait --ctty x',
  time: '-p -v -f %e -f%e -q -- --format=%e -pf x -o',
  taskset: '-c 0 1 0x1 0-0 -- --cpu-list -pc x',
  env: 'A=b B= -u NOTHING -uA -- --unset=A C=d=e x --unset - -v',
  flock: '-n -w 1 -w1 LOCK -x -s -- -c -nw 1 9 --timeout=1 -E 3',
  xargs: '-n 1 -n1 -r -0 -I % -I% -P 2 -- -t -rn 2 -d , -i -L1 % -E x',
  find: "tree -name a -exec -execdir ';' + {} -o ! -type f -maxdepth 0 -print ( ) -quit x{} -prune -and",
  sh: "-c 'rm -e -- x rm",
}

/** Returns lines of real wrappers around a stub, with words of theirs in any order. */
export function wrapperSoup(names: readonly string[], lock: string): fc.Arbitrary<string> {
  const one = fc.constantFrom(...names).chain((name) => {
    const words = (vocabularies[name] ?? '').split(' ').concat('rm', 'rm', 'x')
    return fc
      .array(fc.constantFrom(...words), { maxLength: 7 })
      .map((some) => [name, ...(name === 'find' ? ['tree'] : []), ...some])
  })
  return fc
    .tuple(
      fc.option(one, { nil: [], freq: 1 }),
      one,
      fc.constantFrom([], ['rm'], ['rm', '-n', 'x']),
    )
    .map((parts) => {
      const line = parts
        .flat()
        .map((word) => (word === 'LOCK' ? lock : /^[\w=/.,%+-]+$/.test(word) ? word : quote(word)))
        .join(' ')
      // Without input xargs has nothing to add.
      return line.includes('xargs') ? `echo a b | ${line}` : line
    })
}

function quote(word: string): string {
  return `'${word.replaceAll("'", '')}'`
}
