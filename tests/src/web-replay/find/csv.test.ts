import assert from 'node:assert/strict'
import { csvLine, parseMoment } from '@sallyport/web-replay/find'
import fc from 'fast-check'

describe('csvLine', () => {
  it('quotes text, leaves numbers, and has nothing for nothing', () => {
    assert.equal(csvLine(['a "b", c', 7, undefined, '']), '"a ""b"", c",7,,""\r\n')
  })

  it('takes the effect of every beginning that a spreadsheet runs', () => {
    for (const text of ['=1', '+1', '-1', '@A1', ' =1', '\t=1', '\r=1', '"=1', '＝1', '＠1']) {
      assert.equal(csvLine([text]).startsWith(`"'`), true, text)
    }
  })

  it('is read back as it was, apart from the apostrophe', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' }), { minLength: 1 }), (cells) => {
        const line = csvLine(cells)
        const read = [...line.slice(0, -2).matchAll(/"((?:[^"]|"")*)"(?:,|$)/g)].map((match) =>
          (match[1] ?? '').replaceAll('""', '"'),
        )
        assert.deepEqual(
          read.map((cell, at) => (cell === cells[at] ? cell : cell.slice(1))),
          cells,
        )
      }),
    )
  })
})

describe('parseMoment', () => {
  it('takes RFC 3339 with a zone, with or without seconds', () => {
    assert.equal(parseMoment('2026-11-23T09:30Z'), Date.UTC(2026, 10, 23, 9, 30))
    assert.equal(parseMoment('2026-11-23T09:30:01.5+01:00'), Date.UTC(2026, 10, 23, 8, 30, 1, 500))
  })

  it('takes nothing else', () => {
    for (const text of [
      '',
      '2026-11-23',
      '2026-11-23T09:30',
      '1969-12-31T00:00Z',
      '2026-13-01T00:00Z',
      '2026-02-30T00:00Z',
      '0',
      'now',
    ]) {
      assert.equal(parseMoment(text), undefined, text)
    }
  })
})
