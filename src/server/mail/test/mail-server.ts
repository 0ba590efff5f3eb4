import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout as sleep } from 'node:timers/promises'
import { SMTPServer, type SMTPServerOptions } from 'smtp-server'

export interface ReceivedMail {
  from: string
  to: string[]
  /** As it was sent, header and parts. */
  source: string
  isEncrypted: boolean
}

/** A real SMTP server on a port of this machine. */
export interface MailServer {
  /** For `mail.smtp`. */
  url: string
  received: ReceivedMail[]
  /** From now on each mail is refused with this status, or taken again. */
  refuse(status: number | undefined): void
  /** From now on nobody is greeted for so long. */
  greetAfter(ms: number): void
  close(): Promise<void>
  /** Again, on the same port. */
  open(): Promise<void>
}

export async function startMailServer(options: SMTPServerOptions = {}): Promise<MailServer> {
  const received: ReceivedMail[] = []
  let refusal: number | undefined
  let greetingMs = 0
  let port = 0
  let server: SMTPServer | undefined

  const settings: SMTPServerOptions = {
    authOptional: true,
    hideSTARTTLS: true,
    onConnect: (_session, callback) => void sleep(greetingMs).then(() => callback()),
    onRcptTo: (_address, _session, callback) =>
      callback(refusal === undefined ? null : Object.assign(new Error('not today'), { responseCode: refusal })),
    onData(stream, { envelope, secure }, callback) {
      const keep = (source: string) => {
        const from = envelope.mailFrom ? envelope.mailFrom.address : ''
        const to = envelope.rcptTo.map(({ address }) => address)
        received.push({ from, to, source, isEncrypted: secure })
        callback()
      }
      text(stream).then(keep, callback)
    },
    ...options,
  }

  async function open(): Promise<void> {
    server = new SMTPServer(settings)
    // A client that hangs up is an error to this server, and what some tests are about.
    server.on('error', () => {})
    server.listen(port, '127.0.0.1')
    await once(server.server, 'listening')
    port = (server.server.address() as AddressInfo).port
  }

  await open()
  return {
    url: `smtp://127.0.0.1:${port}`,
    received,
    refuse(status) {
      refusal = status
    },
    greetAfter(ms) {
      greetingMs = ms
    },
    open,
    close: () => new Promise((resolve) => (server ? server.close(() => resolve()) : resolve())),
  }
}

/** A part of a mail as a person reads it (RFC 2045 section 6.7, RFC 2046). */
export function readPart({ source }: ReceivedMail, type: 'text/plain' | 'text/html'): string {
  const part = source.split(/^--.*$/m).find((one) => new RegExp(`^content-type: ${type}`, 'im').test(one)) ?? ''
  const [header = '', ...body] = part.trimStart().split(/\r?\n\r?\n/)
  const encoded = body.join('\n\n')
  if (/quoted-printable/i.test(header)) return decodeQuotedPrintable(encoded)
  return /base64/i.test(header) ? Buffer.from(encoded, 'base64').toString() : encoded
}

function decodeQuotedPrintable(encoded: string): string {
  const bytes = encoded
    .replaceAll(/=\r?\n/g, '')
    .replaceAll(/=([\dA-F]{2})/g, (_all, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString()
}
