import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The repository's root, whatever folder the script was started from. */
export const root = fileURLToPath(new URL('..', import.meta.url))

export interface Outcome {
  ok: boolean
  ms: number
  /** Everything the step wrote, in the order it came. */
  output: string
}

/** Runs a program at the root with the packages' commands on its path, and keeps what it prints. */
export function runCommand([program = '', ...args]: string[]): Promise<Outcome> {
  const started = performance.now()
  const env = { ...process.env, ...colour(), PATH: `${root}node_modules/.bin:${process.env.PATH}` }
  return new Promise((resolve) => {
    let output = ''
    const finish = (ok: boolean) => resolve({ ok, ms: performance.now() - started, output })
    const child = spawn(program, args, { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output += text
    })
    child.on('error', (error) => {
      output += error.message
      finish(false)
    })
    child.on('close', (code) => finish(code === 0))
  })
}

/** One line for one step: `ok      portal  1,204 ms`. */
export function printOutcome(name: string, state: 'ok' | 'failed' | 'unchanged' | 'not run', ms?: number): void {
  console.log(`${state.padEnd(10)}${name.padEnd(24)}${ms === undefined ? '' : `${Math.round(ms)} ms`}`.trimEnd())
}

/** What a failed step printed, under its name. */
export function printOutput(name: string, output: string): void {
  console.log(`\n── ${name} ${'─'.repeat(Math.max(3, 72 - name.length))}\n${output.trim()}`)
}

function colour(): NodeJS.ProcessEnv {
  return process.stdout.isTTY && !process.env.NO_COLOR ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }
}
