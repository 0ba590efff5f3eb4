import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { ProbeAnswer, ProbeRequest, Usage } from './probe-messages.ts'

export const ROOT = fileURLToPath(new URL('../..', import.meta.url))
const PROBE = new URL('./probe.js', import.meta.url).href
const STOP_LIMIT_MS = 10_000

export interface Program {
  name: string
  /** Program and its arguments, from the repository's root. */
  args: string[]
  env?: Record<string, string>
  /** Everything it prints goes here. */
  logFile: string
}

/** A process of the bench: every one runs on this Node with the same flags. */
export interface Child {
  readonly process: ChildProcess
  usage(): Promise<Usage>
  startProfile(): Promise<void>
  stopProfile(): Promise<object>
  stop(): Promise<void>
}

const running = new Set<Child>()

export function startChild({ name, args, env = {}, logFile }: Program): Child {
  const log = openSync(logFile, 'a')
  const child = spawn(process.execPath, [...process.execArgv, '--import', PROBE, ...args], {
    cwd: ROOT,
    env: { ...process.env, ...env },
    stdio: ['ignore', log, log, 'ipc'],
  })
  closeSync(log)
  const probe = async (request: ProbeRequest['probe']): Promise<ProbeAnswer> => {
    const answer = answerTo(child, request, () => `${name} ended by itself:\n${lastLines(logFile)}`)
    child.send({ probe: request } satisfies ProbeRequest)
    return answer
  }
  const started: Child = {
    process: child,
    usage: async () => (await probe('usage')).usage,
    startProfile: async () => void (await probe('start-profile')),
    stopProfile: async () => (await probe('stop-profile')).profile ?? {},
    stop: () => stop(child),
  }
  running.add(started)
  child.once('exit', () => running.delete(started))
  return started
}

/** Ends whatever is left, after a failure or on Ctrl-C. */
export async function stopAll(): Promise<void> {
  await Promise.all([...running].map((child) => child.stop()))
}

export function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null
}

function answerTo(child: ChildProcess, request: ProbeRequest['probe'], reason: () => string): Promise<ProbeAnswer> {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error(reason()))
    const listen = (message: Partial<ProbeAnswer>) => {
      if (message.probe !== request) return
      child.off('message', listen).off('exit', ended)
      resolve(message as ProbeAnswer)
    }
    child.on('message', listen).once('exit', ended)
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return
  const exited = once(child, 'exit')
  child.kill('SIGTERM')
  const limit = new AbortController()
  const isStopped = await Promise.race([
    exited.then(() => true),
    sleep(STOP_LIMIT_MS, false, { signal: limit.signal }).catch(() => true),
  ])
  limit.abort()
  if (!isStopped) child.kill('SIGKILL')
  await exited
}

export function lastLines(file: string): string {
  return readFileSync(file, 'utf8').trim().split('\n').slice(-5).join('\n')
}
