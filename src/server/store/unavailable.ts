import { codeOf } from './postgres.ts'
import { sqliteCode } from './sqlite-statements.ts'

/** SQLite: busy, locked, read-only, i/o error, full, can't open. */
const sqliteCodes = new Set([5, 6, 8, 10, 13, 14])

/** PostgreSQL: connection lost, out of resources, shutting down, waited too long for a lock or an answer. */
const postgresCodes = /^(08...|53...|57P0.|57014|55P03|25P03|25006|40001|40P01|timeout)$/

const networkCodes = /^(ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH)$/

/** Whether the database failed for now, so that the same request may succeed later (503, nothing was written). */
export function isUnavailable(error: unknown): boolean {
  if (sqliteCodes.has(sqliteCode(error) ?? -1)) return true
  const code = codeOf(error) ?? ''
  if (postgresCodes.test(code) || networkCodes.test(code)) return true
  return error instanceof Error && error.cause !== undefined && isUnavailable(error.cause)
}
