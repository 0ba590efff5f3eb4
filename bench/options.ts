import { parseArgs } from 'node:util'

export interface Options {
  /** Scenarios asked for: a name, or what it begins with. Empty: all. */
  names: string[]
  /** Of one measurement. */
  seconds: number
  rounds: number
  connections: number
  /** Folder for a CPU profile of our server in each scenario. */
  profileFolder: string | undefined
}

/** @throws Error that says what is wrong with an option */
export function readOptions(args: string[]): Options {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '4' },
      rounds: { type: 'string', default: '3' },
      connections: { type: 'string', default: '16' },
      profile: { type: 'string' },
    },
  })
  return {
    names: positionals,
    seconds: positive('seconds', values.seconds),
    rounds: Math.ceil(positive('rounds', values.rounds)),
    connections: Math.ceil(positive('connections', values.connections)),
    profileFolder: values.profile,
  }
}

function positive(name: string, text: string): number {
  const value = Number(text)
  if (value > 0 && Number.isFinite(value)) return value
  throw new Error(`--${name} must be a number above 0, and is "${text}"`)
}
