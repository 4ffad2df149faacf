import { strict as assert } from 'node:assert'
import { PlaceError, shellFiles, type AccountFiles } from '@sallyport/keys/rotation'

/** The files of an account whose shell says what the test says, with the mark that it was told. */
function lying(answer: (mark: string) => string): AccountFiles {
  const run = (
    _command: string,
    input: Buffer,
  ): Promise<{ status: 0; stdout: Buffer; stderr: Buffer }> => {
    const [mark = ''] = /sallyport-[0-9a-f]{16}/.exec(input.toString('latin1')) ?? []
    const stdout = Buffer.from(answer(mark), 'latin1')
    return Promise.resolve({ status: 0, stdout, stderr: Buffer.alloc(0) })
  }
  return shellFiles({ run, sftp: () => Promise.resolve(undefined), close() {} }, undefined)
}

const file = (path: string): string => `file yes 2 ${path}\nhi\n`
const noShell = (error: unknown): boolean =>
  error instanceof PlaceError && error.message === 'no POSIX shell answered'

describe('the files of an account whose shell lies', () => {
  it('are read as they are told when nothing is odd', async () => {
    const files = lying((mark) => `welcome\n${mark}\n${file('/root/.ssh/keys')}end ${mark}\n`)
    assert.deepEqual(
      (await files.read()).map(({ path, bytes }) => [path, bytes.toString()]),
      [['/root/.ssh/keys', 'hi']],
    )
  })

  for (const [what, told] of [
    ['a path with an escape sequence', file('/\u001b[2J')],
    ['a path that never ends', file(`/${'a'.repeat(5000)}`)],
    [
      'more files than there can be',
      Array.from({ length: 33 }, (_, at) => file(`/${at}`)).join(''),
    ],
  ] as const)
    it(`are none with ${what}`, async () => {
      await assert.rejects(lying((mark) => `${mark}\n${told}end ${mark}\n`).read(), noShell)
    })

  it('cannot make a reason as long as they like', async () => {
    const before = { path: '/keys', bytes: Buffer.from('a'), writable: true }
    const files = lying((mark) => `${mark} failed ${'x'.repeat(1 << 20)}\n`)
    await assert.rejects(files.replace(before, Buffer.from('b')), (error: unknown) => {
      assert.ok(error instanceof PlaceError)
      assert.match(error.message, /^\/keys: x+\.\.\.$/)
      return error.message.length < 1100
    })
  })

  it('name rivals in plain text, and not many', async () => {
    const odd = `program /\u001b[2J\n`.repeat(100)
    const rivals = await lying((mark) => `${mark}\n${odd}end ${mark}\n`).rivals()
    assert.equal(rivals.length, 20)
    assert.deepEqual(rivals[0], { kind: 'program', text: '/?[2J' })
  })
})
