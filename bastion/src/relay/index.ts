export { Half, HALF_CAP, MAX_PACKET } from './half.ts'
export { Leg, type Reply } from './leg.ts'
export { Forwards } from './forwards.ts'
