import type { DatabaseSync } from 'node:sqlite'
import { Webhook } from 'standardwebhooks'

/** Hands a guest's cart to the member they became. However often the event comes, it counts once. */
export function guestUpgraded(database: DatabaseSync, secret: string, body: string, headers: Record<string, string>) {
  // Throws unless your portal has signed exactly this text within the last five minutes.
  const event = new Webhook(secret).verify(body, headers) as { type: string; data: Record<string, string> }
  if (event.type !== 'guest.upgraded') return
  const { session_id = '', guest_sub = '', member_sub = '' } = event.data
  const remember = database.prepare('INSERT OR IGNORE INTO events (id) VALUES (?)')
  const handOver = database.prepare('UPDATE cart_lines SET owner = ? WHERE session_id = ? AND owner = ?')
  database.exec('BEGIN IMMEDIATE')
  try {
    const isNew = remember.run(headers['webhook-id'] ?? '').changes === 1
    if (isNew) handOver.run(member_sub, session_id, guest_sub)
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}
