/** What the tokens for the exchange are made for; the `aud` claim of each. */
export const AUDIENCE = 'urn:sallyport:quickstart'

/** The client that the review app signs people in through. */
export const WEB_CLIENT = 'sallyport-web'

export type MachineName = 'agent' | 'human'
export type PersonName = 'reviewer' | 'approver' | 'admin'

/** Clients that ask for a token with nothing but their secret, and what their tokens say about them. */
export const MACHINES: Readonly<Record<MachineName, Readonly<Record<string, unknown>>>> = {
  agent: { groups: ['ci'], repository: 'acme/shop' },
  human: { groups: ['people'] },
}

export interface Person {
  readonly name: string
  readonly groups: readonly string[]
}

/** Who may sign in to the review app, and the groups that make them what they are. */
export const PEOPLE: Readonly<Record<PersonName, Person>> = {
  reviewer: { name: 'Robin Reviewer', groups: ['sallyport-reviewers'] },
  approver: { name: 'Alex Approver', groups: ['sallyport-approvers'] },
  admin: { name: 'Ada Admin', groups: ['sallyport-admins'] },
}

export function isMachine(name: string): name is MachineName {
  return Object.hasOwn(MACHINES, name)
}

export function isPerson(name: string): name is PersonName {
  return Object.hasOwn(PEOPLE, name)
}
