export type { LiveConnection, LiveRole } from './live-connection.ts'
export { createLiveRegister, type LiveRegister, type LiveRegisterOptions } from './register.ts'
