import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/** After the first requests that waited for the server, so that none waits for this. */
const AFTER_START_MS = 500

/**
 * Gives back what starting has used, once: some 30 MB of parsed configuration, modules and young objects that V8
 * would keep for a server without traffic, as it collects only when it has to make room.
 */
export function giveBackStartMemory(): void {
  setTimeout(collect, AFTER_START_MS).unref()
}

function collect(): void {
  setFlagsFromString('--expose-gc')
  const gc: (options: object) => void = runInNewContext('gc')
  gc({ type: 'major', flavor: 'last-resort' })
}
