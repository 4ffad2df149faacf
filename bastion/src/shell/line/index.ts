export { Editor, type EditorEvent } from './editor.ts'
export { frameOfText, type Frame } from './frame.ts'
export { glyphsOf } from './glyph.ts'
export { Screen } from './screen.ts'
