// Writes ever new generations to argv[2], naming each one that has been written, until it is killed.
import { DurableJSONFile } from '@sallyport/keys/durable'

const file = new DurableJSONFile<unknown>(process.argv[2] ?? '', { parse: (value) => value })
for (let generation = 1; ; generation++) {
  await file.write({ generation, padding: 'x'.repeat(200_000) })
  process.send?.(generation)
}
