export { control, type Key, type KeyName } from './key.ts'
export { Keyboard } from './keyboard.ts'
export { decodeText } from './utf8.ts'
