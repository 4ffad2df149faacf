export { kekSourceOf, type Surroundings } from './kek.ts'
