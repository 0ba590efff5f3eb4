import { isIP } from 'node:net'
import type { Problem } from './problems.ts'
import { secretWeakness } from './secrets.ts'

export type Environment = Record<string, string | undefined>

/** PORTICO_SECRET: one secret, or "new,old" while it changes. */
export function readSecrets(env: Environment, problems: Problem[]): string[] {
  const secrets = (env.PORTICO_SECRET ?? '').split(',').map((secret) => secret.trim())
  if (secrets.every((secret) => secret === '')) {
    problems.push({
      path: 'PORTICO_SECRET',
      message: 'is missing: make one with "openssl rand -base64 32", and keep it',
    })
    return []
  }
  for (const secret of secrets) {
    const weakness = secretWeakness(secret, { characters: 32, hex: 32 })
    if (weakness) problems.push({ path: 'PORTICO_SECRET', message: weakness })
  }
  return secrets
}

/** Where to listen: PORT, else the port of a loopback origin, else 3000. */
export function readPort(env: Environment, origin: unknown, problems: Problem[]): number {
  if (!env.PORT) return portOf(origin) ?? 3000
  const port = Number(env.PORT)
  if (/^\d{1,5}$/.test(env.PORT) && port <= 65_535) return port
  problems.push({ path: 'PORT', message: 'must be a number from 0 to 65535' })
  return 0
}

function portOf(origin: unknown): number | undefined {
  if (typeof origin !== 'string' || !URL.canParse(origin)) return undefined
  const { protocol, port } = new URL(origin)
  return protocol === 'http:' ? Number(port || 80) : undefined
}

export function readHost(env: Environment, problems: Problem[]): string {
  const host = env.HOST || '127.0.0.1'
  if (isIP(host) === 0 && !/^[a-z0-9.-]+$/i.test(host)) {
    problems.push({ path: 'HOST', message: 'must be an IP address or a host name' })
  }
  return host
}

/** The file with what the environment overrides. */
export function withOverrides(file: unknown, env: Environment): unknown {
  if (typeof file !== 'object' || file === null || Array.isArray(file)) return file
  return {
    ...file,
    ...(env.PORTICO_ORIGIN ? { origin: env.PORTICO_ORIGIN } : {}),
    ...(env.DATABASE_URL ? { database: env.DATABASE_URL } : {}),
  }
}

/** Names the place a value came from: a key of the file, or the variable that replaced it. */
export function sourceOf(path: string, env: Environment): string {
  if (path === 'origin' && env.PORTICO_ORIGIN) return 'PORTICO_ORIGIN'
  if (path === 'database' && env.DATABASE_URL) return 'DATABASE_URL'
  return path
}
