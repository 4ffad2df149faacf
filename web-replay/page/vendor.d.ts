declare module '*/asciinema-player/index.js' {
  export { create } from 'asciinema-player'
  export type { Options, Player } from 'asciinema-player'
}
