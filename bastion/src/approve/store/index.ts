export { openStore, type ApprovalStore } from './open-store.ts'
export { coverOf, createGrantStore, type GrantStore } from './grants.ts'
export { migrate } from './schema.ts'
export { createTicketStore, type TicketEnd, type TicketStore } from './tickets.ts'
