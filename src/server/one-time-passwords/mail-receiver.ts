import type { ConfiguredReceiver, Sending } from '../events/receivers.ts'
import type { SendResult } from '../events/send.ts'
import type { Mailer } from '../mail/mailer.ts'
import { putOneTimePassword } from '../store/one-time-passwords.ts'
import type { OutboxRow } from '../store/tables.ts'
import type { Tenant } from '../tenant/tenant.ts'
import { composeMail } from './compose-mail.ts'
import { findRecipient, type Recipient } from './find-recipient.ts'
import { MAIL, type MailRequest, mailRequests } from './mail-request.ts'
import { makeOneTimePassword } from './one-time-password.ts'
import { requestLimits } from './request-limits.ts'

export const LIFETIME_SECONDS = 600
/** Few, though nobody could guess one in any number. */
const TRIES = 5
/** Longer than for a webhook: mail servers make strangers wait. Below a row's lease. */
const SEND_MS = 25_000

/**
 * Answers requests for one-time passwords, from the outbox. Whether there is an account, and what its password is, is
 * decided here and not when somebody asked: neither the answer nor its time can tell, and none lies around to be read.
 */
export function oneTimePasswordMail(tenant: Tenant): ConfiguredReceiver[] {
  const { mailer } = tenant.services
  return mailer ? [mailReceiver(tenant, mailer)] : []
}

function mailReceiver(tenant: Tenant, mailer: Mailer): ConfiguredReceiver {
  const requests = mailRequests(tenant)
  const limits = requestLimits(tenant)
  const { store, audit } = tenant.services

  async function send(row: OutboxRow, { now, signal }: Sending): Promise<SendResult> {
    const request = requests.open(row.body)
    const client = request && tenant.clients.get(request.clientId)
    if (!client || now - row.created_at > LIFETIME_SECONDS * 1000) return drop(request, 'too late')
    const person = await findRecipient(tenant, request)
    if (!person) return drop(request, 'no such account')
    // A mail that is tried again was counted.
    const isWithinLimits = row.attempts > 1 || (await limits.takeMail(store, person.id, now))
    if (!isWithinLimits) return drop(request, 'too many')
    return mail(request, person, client.client_name, { now, signal })
  }

  async function mail(
    request: MailRequest,
    person: Recipient,
    clientName: string,
    { now, signal }: Pick<Sending, 'now' | 'signal'>,
  ): Promise<SendResult> {
    const { clientId, ip, requestId } = request
    const password = makeOneTimePassword()
    const expiresAt = now + LIFETIME_SECONDS * 1000
    // Before the mail, which a person may read before its server says that it took it.
    await putOneTimePassword(store.db, {
      tenant: tenant.id,
      userId: person.id,
      clientId,
      password,
      expiresAt,
      tries: TRIES,
    })
    const contents = { tenantName: tenant.config.name, clientName, password, minutes: LIFETIME_SECONDS / 60 }
    try {
      await mailer.send({ to: person.email, ...composeMail(contents) }, signal)
    } catch (error) {
      return isFinal(error)
        ? drop(request, reasonOf(error, signal))
        : { isTaken: false, reason: reasonOf(error, signal) }
    }
    const entry = { tenant: tenant.id, event: 'one-time-password.mailed', userId: person.id } as const
    await audit.record({ ...entry, clientId, ip, requestId }, now)
    return { isTaken: true }
  }

  function drop(request: MailRequest | undefined, reason: string): SendResult {
    const { clientId, ip, requestId } = request ?? {}
    const entry = { tenant: tenant.id, event: 'one-time-password.dropped', detail: { reason } } as const
    audit.tell({ ...entry, clientId, ip, requestId }, Date.now())
    return { isTaken: true }
  }

  return { tenant: tenant.id, receiver: MAIL, sendMs: SEND_MS, send }
}

type SmtpError = Error & { code?: string; responseCode?: number }

/** The server won't take mail for this address, today or tomorrow (RFC 5321 section 4.2.1). */
function isFinal(error: unknown): boolean {
  const { code, responseCode = 0 } = error as SmtpError
  return code === 'EENVELOPE' && responseCode >= 500
}

/** Codes alone: what mail servers say quotes the address. */
function reasonOf(error: unknown, signal: AbortSignal): string {
  if (signal.aborted) return 'no answer in time'
  const { code = 'unknown failure', responseCode } = error as SmtpError
  return responseCode === undefined ? code : `${code} ${responseCode}`
}
