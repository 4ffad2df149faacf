import assert from 'node:assert/strict'
import { Keyboard } from '@sallyport/bastion/shell/keys'
import { Editor, glyphsOf, type EditorEvent } from '@sallyport/bastion/shell/line'

interface Desk {
  readonly editor: Editor
  /** Returns what the last key came to. */
  press(text: string): EditorEvent | undefined
}

function openDesk(cap = 1024): Desk {
  const editor = new Editor(cap, () => ['cat', 'chgrp', 'chmod', 'id'])
  const keyboard = new Keyboard(1024)
  return {
    editor,
    press: (text) =>
      [...Buffer.from(text)]
        .flatMap((byte) => keyboard.take(byte))
        .map((key) => editor.press(key))
        .at(-1),
  }
}

/** Returns the line that keys leave in the editor. */
function edit(text: string, cap?: number): string {
  const desk = openDesk(cap)
  desk.press(text)
  return desk.editor.take()
}

describe('the line editor', () => {
  it('moves and changes text as a terminal user expects', () => {
    for (const [typed, line] of [
      ['ac\x1b[Db', 'abc'],
      ['ac\x02b\x06d', 'abcd'],
      ['b\x01a\x05c', 'abc'],
      ['b\x1b[Ha\x1b[Fc', 'abc'],
      ['abx\x7fc\x08d', 'abd'],
      ['abc\x01\x1b[3~\x04', 'c'],
      ['ab cd\x02\x02\x0b', 'ab '],
      ['ab cd\x02\x02\x15', 'cd'],
      ['ab cd  \x17ef', 'ab ef'],
      ['ab cd\x17\x01\x19', 'cdab '],
      ['ab\x15\x19\x19', 'abab'],
      ['漢é\x7f\x02x', 'x漢'],
    ] as const)
      assert.equal(edit(typed), line, JSON.stringify(typed))
  })

  it('refuses keys without a meaning and characters that no command may hold', () => {
    const desk = openDesk()
    for (const key of ['\x00', '\x0f', '\x12', '\x13', '\x16', '\x1a', '\x1d', '\x7f', '\x1b[D'])
      assert.deepEqual(desk.press(key), { kind: 'refused' }, JSON.stringify(key))
    for (const key of ['\u202e', '\u200b', '\ufeff', '\u00a0', '\u2028', '\u0085', '\ufffd'])
      assert.deepEqual(desk.press(key), { kind: 'refused' }, JSON.stringify(key))
    assert.equal(desk.editor.take(), '')
  })

  it('has a longest line, by bytes', () => {
    assert.equal(edit('abcdé', 5), 'abcd')
    assert.equal(edit('ab\x15\x19\x19\x19', 5), 'abab')
    assert.equal(edit('\x1b[200~abcdef\x1b[201~', 5), '')
  })

  it('walks through its own history, and comes back to what was being typed', () => {
    const desk = openDesk()
    for (const line of ['one', 'two', 'two', '  ']) desk.editor.remember(line)
    desk.press('new\x1b[A')
    assert.deepEqual(desk.editor.history.lines, ['one', 'two'])
    desk.press('\x1b[A\x1b[A')
    desk.press('\x0e!')
    assert.equal(desk.editor.take(), 'two!')
    desk.press('new\x10\x10\x0e\x0e\x0e')
    assert.equal(desk.editor.take(), 'new')
  })

  it('keeps a bounded history of lines that can be shown again', () => {
    const desk = openDesk()
    for (let at = 0; at < 500; at += 1) desk.editor.remember(`${at} ${'x'.repeat(at)}`)
    desk.editor.remember('id \x1b[31m')
    desk.editor.remember('y'.repeat(1025))
    const { lines } = desk.editor.history
    assert.ok(lines.length <= 200 && lines.join('').length <= 128 << 10)
    assert.equal(lines.at(-1)?.slice(0, 4), '499 ')
  })

  it('puts a paste of one line at the cursor, and gives out all lines that are whole', () => {
    assert.equal(edit('ad\x02\x1b[200~bc\x1b[201~'), 'abcd')
    const desk = openDesk()
    assert.deepEqual(desk.press('ad\x02\x1b[200~b\r\n\rc\nx\x1b[201~'), {
      kind: 'lines',
      lines: ['ab', '', 'c'],
    })
    assert.equal(desk.editor.take(), 'xd')
    assert.deepEqual(desk.press('\x1b[200~a\n\x1b\x1b[201~'), { kind: 'badPaste' })
  })

  it('completes the first word alone', () => {
    const desk = openDesk()
    desk.press('ca\t')
    assert.equal(desk.editor.take(), 'cat ')
    desk.press('c\x01h\x05')
    desk.editor.take()
    assert.deepEqual(desk.press('ch\t'), { kind: 'choices', names: ['chgrp', 'chmod'] })
    assert.deepEqual(desk.press('z\t'), { kind: 'refused' })
    desk.editor.take()
    assert.deepEqual(desk.press('id c\t'), { kind: 'refused' })
  })

  it('shows characters whose width is not certain by their number', () => {
    const shown = (text: string): string | undefined =>
      glyphsOf(text)
        ?.map((glyph) => glyph.shown)
        .join('')
    assert.deepEqual(glyphsOf('漢'), [{ shown: '漢', width: 2 }])
    assert.equal(shown('é'), 'é')
    assert.equal(shown('\t'), '^I')
    assert.equal(shown('\u0301'), '<U+0301>')
    assert.equal(shown('א'), '<U+05D0>')
    assert.equal(shown('😀'), '<U+1F600>')
    assert.equal(shown('\x1b'), undefined)
    assert.equal(shown('\u200d'), undefined)
  })
})
