import { Kysely, PostgresDialect } from 'kysely'
import pg from 'pg'
import { StartError } from '../start-error.ts'
import type { Tables } from './tables.ts'

/** Opens a bounded pool on `postgres://…`; every wait has an end, so that a slow database sheds load. */
export function openPostgres(url: string): Kysely<Tables> {
  const pool = new pg.Pool({
    connectionString: url,
    max: 10,
    connectionTimeoutMillis: 5_000,
    idleTimeoutMillis: 30_000,
    statement_timeout: 10_000,
    lock_timeout: 5_000,
    idle_in_transaction_session_timeout: 15_000,
    application_name: 'portico',
    types: { getTypeParser: numbersForInt8 },
  })
  // A connection that breaks while nobody asks it anything says so to nobody in particular, and without a listener that
  // would end the process. The pool replaces an idle one; in a transaction the next statement fails.
  pool.on('error', () => {})
  pool.on('connect', (client) => client.on('error', () => {}))
  return new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) })
}

/** Our int8 values are epoch milliseconds and counts, all safe as numbers. */
const numbersForInt8: typeof pg.types.getTypeParser = (oid: number, format?: 'text' | 'binary') =>
  oid === pg.types.builtins.INT8 ? Number : pg.types.getTypeParser(oid, format as 'text')

/** What a PostgreSQL error at start means for the person who started the server; never shows the password. */
export function startErrorFor(error: unknown, url: string): StartError | undefined {
  const { host, name, user } = describe(url)
  const sentence = sentenceFor(codeOf(error), host, name, user)
  return sentence === undefined ? undefined : new StartError(sentence, { cause: error })
}

function sentenceFor(code: string | undefined, host: string, name: string, user: string): string | undefined {
  switch (code) {
    case 'ECONNREFUSED':
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
    case 'ETIMEDOUT':
    case 'ECONNRESET':
    case 'timeout':
    case '57P03':
      return `PostgreSQL at ${host} can't be reached: start it, or correct the host and port in DATABASE_URL.`
    case '28P01':
    case '28000':
      return `PostgreSQL at ${host} refuses the user "${user}": correct the user name and password in DATABASE_URL.`
    case '3D000':
      return `PostgreSQL at ${host} has no database "${name}": create it, or correct its name in DATABASE_URL.`
    case '53300':
      return `PostgreSQL at ${host} has no free connections: raise max_connections, or stop another client.`
    case '42501':
      return `The user "${user}" may not create tables in the database "${name}": grant it CREATE on its schema.`
    default:
      return undefined
  }
}

function describe(url: string) {
  const { host, pathname, username } = new URL(url)
  return { host: host || 'localhost', name: decodeURIComponent(pathname.slice(1)), user: decodeURIComponent(username) }
}

/** The code of a PostgreSQL or network error; `timeout` when the driver gave up waiting. */
export function codeOf(error: unknown): string | undefined {
  if (error instanceof AggregateError) return codeOf(error.errors[0])
  if (!(error instanceof Error)) return undefined
  if ('code' in error && typeof error.code === 'string') return error.code
  return gaveUp.test(error.message) ? 'timeout' : undefined
}

/** The driver's own errors carry no code. */
const gaveUp =
  /^(timeout exceeded when trying to connect|Connection terminated|Query read timeout|Client has encountered a connection)/

/** A serialization failure or a deadlock: PostgreSQL rolled the transaction back and asks for another try. */
export function isWorthRetrying(error: unknown): boolean {
  const code = codeOf(error)
  return code === '40001' || code === '40P01'
}
