import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import type { Options } from 'nodemailer/lib/smtp-transport/index.js'
import type { MailConfig } from '../config/schema.ts'

export interface Mail {
  to: string
  /** Whose name people see. */
  sender: string
  subject: string
  text: string
  html: string
}

export interface Mailer {
  /** Hands a mail to the mail server. Aborting hangs up, whatever that server is doing. */
  send(mail: Mail, signal: AbortSignal): Promise<void>
}

/** The caller's signal is what ends a wait; the library's own times are longer than any. */
const TIMEOUTS = { greetingTimeout: 60_000, socketTimeout: 60_000 }

const SUBMISSION_PORT = 587
const SUBMISSIONS_PORT = 465

/** Sends mail over SMTP; with STARTTLS where the server offers it, or from the start (`smtps:`). */
export function createMailer({ smtp, from }: MailConfig): Mailer {
  return {
    async send({ to, sender, subject, text, html }, signal) {
      // Most servers never send any mail, and none has to load it in order to start.
      const [{ createTransport }, { default: SmtpTransport }] = await Promise.all([
        import('nodemailer'),
        import('nodemailer/lib/smtp-transport/index.js'),
      ])
      const connection = await openConnection(new URL(smtp), signal)
      const getSocket: Options['getSocket'] = (_options, done) => done(null, { connection })
      // `createTransport` alone would go by the address and forget the rest.
      const transport = createTransport(new SmtpTransport({ url: smtp, getSocket, ...TIMEOUTS }))
      try {
        await transport.sendMail({
          // As objects: an address is never read as a list of them.
          from: { name: sender, address: from },
          to: { name: '', address: to },
          subject,
          text,
          html,
          // Nobody's absence note should answer it (RFC 3834 section 5).
          headers: { 'Auto-Submitted': 'auto-generated' },
          disableFileAccess: true,
          disableUrlAccess: true,
        })
      } finally {
        connection.destroy()
      }
    },
  }
}

/** Opened here, because the library has no way to hang up. */
async function openConnection({ protocol, hostname, port }: URL, signal: AbortSignal): Promise<Socket> {
  const usualPort = protocol === 'smtps:' ? SUBMISSIONS_PORT : SUBMISSION_PORT
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ''), port: Number(port) || usualPort, signal })
  await once(socket, 'connect')
  return socket
}
