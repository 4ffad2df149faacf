declare module '*/asciinema-player/index.js' {
  export { create } from 'asciinema-player'
  export type { Options, Player, Source } from 'asciinema-player'
}
