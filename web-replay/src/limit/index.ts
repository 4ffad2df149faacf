export { clientAddress } from './client-address.ts'
export { networkOf } from './network.ts'
export { createRates, type RateLimits, type RateVerdict, type Rates } from './rates.ts'
