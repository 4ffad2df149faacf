export { type Access, type Accesses, openAccesses } from './accesses.ts'
