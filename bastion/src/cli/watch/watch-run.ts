import { loadConfig } from '../../config/index.ts'
import { callControl } from '../../control/client.ts'
import { accepted, fieldsOf, type Console } from '../control.ts'
import { frameOf } from './frame.ts'
import { createLiveLines } from './live-lines.ts'
import { readRun, summaryOf, unitLine, type WatchedRun } from './watched-run.ts'

/** Where a run is shown while it goes on. */
interface Show {
  show(run: WatchedRun): void
  end(run: WatchedRun): void
}

/** Prints a run until nothing of it goes on; returns whether all of its keys were rotated. */
export async function watchRun(config: string, id: string, console: Console): Promise<boolean> {
  const { data } = await loadConfig(config)
  const path = `/api/keys/runs/${encodeURIComponent(id)}`
  const show = showOn(console)
  let seen = ''
  for (;;) {
    // The bastion answers when something has changed.
    const call = { data, method: 'GET', path: `${path}${seen}`, account: console.account } as const
    const answer = fieldsOf(accepted(await callControl(call)).body)
    seen = `?since=${encodeURIComponent(String(answer['revision']))}`
    const raw = fieldsOf(answer['run'])
    const run = readRun(raw)
    if (run.state === 'running' || run.units.some(({ state }) => state === 'running')) {
      show.show(run)
      continue
    }
    show.end(run)
    if (console.json) console.say(JSON.stringify({ run: raw }))
    return run.state === 'done'
  }
}

function showOn({ json, terminal, say }: Console): Show {
  if (json) return { show() {}, end() {} }
  if (terminal === undefined) return createPlain(say)
  const lines = createLiveLines(terminal)
  return {
    show: (run) => lines.draw(frameOf(run, terminal)),
    end(run) {
      lines.clear()
      for (const unit of run.units) if (unit.problem !== undefined) say(unitLine(unit))
      say(summaryOf(run))
    },
  }
}

/** Says what is new, a line for each. */
function createPlain(say: (text: string) => void): Show {
  const told = new Map<string, string>()
  let frozen: string | undefined
  const show = (run: WatchedRun): void => {
    for (const unit of run.units) {
      const line = unitLine(unit)
      if (unit.state === 'waiting' || told.get(unit.key) === line) continue
      told.set(unit.key, line)
      say(line)
    }
    if (run.frozen !== undefined && run.frozen !== frozen) say(`  ${run.frozen}`)
    frozen = run.frozen
  }
  return {
    show,
    end(run) {
      show(run)
      say(summaryOf(run))
    },
  }
}
