import * as z from 'zod'

const rule = 'must be an https address, or http on localhost, *.localhost, 127.0.0.1 or [::1]'

/** An address a browser is sent to, compared character for character (RFC 9700 section 2.1), so it is kept as written. */
export const WebAddress = z.string().superRefine((value, context) => {
  const problem = addressProblem(value)
  if (problem) context.addIssue({ code: 'custom', message: problem })
})

/** Scheme, host and port, exactly as a browser writes them in `Origin`. */
export const WebOrigin = z.string().superRefine((value, context) => {
  const problem = addressProblem(value) ?? originProblem(value)
  if (problem) context.addIssue({ code: 'custom', message: problem })
})

function addressProblem(value: string): string | undefined {
  if (!URL.canParse(value) || /[\s\\]/.test(value))
    return 'must be a whole address such as https://shop.example/callback'
  const url = new URL(value)
  if (value.includes('#')) return 'must not have a fragment (#…)'
  if (url.username !== '' || url.password !== '') return 'must not contain a user name or password'
  if (url.hostname.includes('*')) return 'must not contain a wildcard: addresses are compared exactly'
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url.hostname)) ? undefined : rule
}

/** Names that always lead back to this machine (RFC 6761 section 6.3, RFC 8252 section 7.3). */
function isLoopback(hostname: string): boolean {
  return ['localhost', '127.0.0.1', '[::1]'].includes(hostname) || hostname.endsWith('.localhost')
}

function originProblem(value: string): string | undefined {
  const { origin } = new URL(value)
  return value === origin ? undefined : `must be scheme, host and port only: ${origin}`
}
