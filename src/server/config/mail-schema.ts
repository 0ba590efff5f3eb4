import * as z from 'zod'

const ADDRESS = /^(?:[^<>\r\n]*<)?([^<>\s@]+@[^<>\s@]+)>?$/

/** The address in `shop@example.com` or `Shop <shop@example.com>`; people see their tenant's name beside it. */
const Sender = z
  .string()
  .regex(ADDRESS, 'must be an address such as shop@example.com')
  .transform((from) => ADDRESS.exec(from)?.[1] ?? from)

/** Where mail is handed over, and whom it is from. */
export const MailConfig = z.strictObject({
  smtp: z.url({ protocol: /^smtps?$/, error: 'must be smtp://host:port, or smtps://user:password@host' }),
  from: Sender,
})
export type MailConfig = z.infer<typeof MailConfig>
