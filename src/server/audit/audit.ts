import { randomUUID } from 'node:crypto'
import type { Db, Store } from '../store/store.ts'
import type { AuditRow } from '../store/tables.ts'
import { createHourlyRoom } from './hourly-room.ts'
import { plainText } from './plain-text.ts'

/** Everything that is ever audited. */
export type AuditEvent =
  | 'sign-in.succeeded'
  | 'sign-in.failed'
  | 'sign-in.refused'
  | 'sign-in.paused'
  | 'upstream.refused'
  | 'one-time-password.asked'
  | 'one-time-password.mailed'
  | 'one-time-password.dropped'
  | 'sign-out'
  | 'session.ended'
  | 'consent.granted'
  | 'consent.denied'
  | 'consent.withdrawn'
  | 'authorization.refused'
  | 'code.redeemed'
  | 'code.refused'
  | 'code.replayed'
  | 'token.issued'
  | 'token.refreshed'
  | 'token.refused'
  | 'token.reused'
  | 'token.revoked'
  | 'client.refused'
  | 'guest.refused'
  | 'family.ended'
  | 'key.created'
  | 'user.created'
  | 'identity.linked'
  | 'user.disabled'
  | 'password.rehashed'

type SecretName =
  | 'password'
  | 'secret'
  | 'token'
  | 'code'
  | 'verifier'
  | 'cookie'
  | 'authorization'
  | 'assertion'
  | 'proof'

/** Short facts beside the columns. Names that would hold a secret don't compile. */
export type AuditDetail = { [name: string]: string | number | boolean | undefined } & { [Name in SecretName]?: never }

export interface AuditEntry {
  tenant?: string | undefined
  event: AuditEvent
  userId?: string | undefined
  clientId?: string | undefined
  ip?: string | undefined
  requestId?: string | undefined
  detail?: AuditDetail | undefined
}

export interface Audit {
  /** Writes one entry, in the transaction `db` if given, so that it stands or falls with what it tells about. */
  record(entry: AuditEntry, now: number, db?: Db): Promise<void>
  /** Writes it while there are few such entries from its network this hour, and tells the log alone of the rest. */
  recordFew(entry: AuditEntry, now: number): Promise<void>
  /** Tells the log alone: for what happens by the thousand, or costs a stranger nothing to make happen. */
  tell(entry: AuditEntry, now: number): void
}

/** Where entries are also told, e.g. pino. */
export interface AuditLog {
  info(fields: object, message: string): void
}

export function createAudit(store: Pick<Store, 'db'>, log: AuditLog): Audit {
  const say = (row: AuditRow) => log.info({ audit: { ...row, detail: JSON.parse(row.detail) } }, row.event)
  const hasRoom = createHourlyRoom()
  return {
    record: async (entry, now, db = store.db) => say(await writeAudit(db, entry, now)),
    recordFew: async (entry, now) =>
      say(hasRoom(entry.ip ?? '', now) ? await writeAudit(store.db, entry, now) : rowOf(entry, now)),
    tell: (entry, now) => say(rowOf(entry, now)),
  }
}

/** Writes an entry to the table alone: for what happens before there is a log. */
export async function writeAudit(db: Db, entry: AuditEntry, now: number): Promise<AuditRow> {
  const row = rowOf(entry, now)
  await db.insertInto('audit').values(row).execute()
  return row
}

function rowOf(entry: AuditEntry, now: number): AuditRow {
  return {
    id: randomUUID(),
    tenant: textOrNull(entry.tenant),
    at: now,
    event: entry.event,
    user_id: textOrNull(entry.userId),
    client_id: textOrNull(entry.clientId),
    ip: textOrNull(entry.ip),
    request_id: textOrNull(entry.requestId),
    detail: JSON.stringify(cleanDetail(entry.detail ?? {})),
  }
}

function textOrNull(value: string | undefined): string | null {
  return value === undefined ? null : plainText(value)
}

const secretName = /password|passwd|secret|token|verifier|cookie|authorization|assertion|proof|^code$/i

function cleanDetail(detail: AuditDetail): Record<string, unknown> {
  const clean = Object.entries(detail).map(([name, value]) => {
    // The type refuses the plain names; this also catches `new_password` and whatever was cast.
    if (secretName.test(name)) return [name, '[redacted]']
    return [name, typeof value === 'string' ? plainText(value) : value]
  })
  return Object.fromEntries(clean)
}
