import { createRecordingStore } from '@sallyport/recorder/recording'

// Records without end, and tells its parent, byte for byte, what was reported written. Run by the
// test that kills it: arguments are the root, the recording's id and a limit for binary output.
const [root = '', recordingId = '', binary = '0'] = process.argv.slice(2)
const store = createRecordingStore({
  root,
  now: () => new Date(),
  clock: () => performance.now() * 1000,
})
const fail = (error: Error): never => {
  throw error
}
const sent: { seq: number; bytes: number }[] = []
let total = 0
const connection = store.openConnection({ recordingId, onFailure: fail })
const channel = connection.openChannel({
  channel: 0,
  kind: 'exec',
  pty: binary === '0',
  title: 'until killed',
  limits: { binary: Number(binary) },
  onWritten: (seq) => {
    while (sent[0] !== undefined && sent[0].seq <= seq) {
      process.stdout.write(`${sent.shift()?.bytes}\n`)
    }
  },
  onFailure: fail,
})

const line = Buffer.from(binary === '0' ? 'output of a target, with an é and a 😀\r\n' : '\0binary')

function record(): void {
  if (channel.pendingBytes < 4_000_000) {
    const chunk = Buffer.alloc(1 + Math.floor(Math.random() * 200_000), line)
    total += chunk.length
    sent.push({ seq: channel.output(1, chunk), bytes: total })
  }
  setImmediate(record)
}
record()
