import { AuthError } from '../../wire/auth-error.ts'

/** Where an address is, seen from this page; only on its own site do a frame's cookies come along. */
export type Relation = 'same-site' | 'other-site' | 'embedded'

/** Hidden frames, in which the portal can be asked without leaving the page. */
export interface Frames {
  relationTo(url: URL): Relation
  /**
   * Loads an address in a hidden frame and answers what it posts; undefined when it stays silent.
   *
   * @throws {AuthError} `configuration` when this page's policy lets no such frame in.
   */
  ask(address: URL): Promise<unknown>
}

/** What the answer, posted while its page loads, may still need to arrive; a page without one has said all by then. */
const longestAfterLoadMs = 1_000
const longestMs = 10_000

/** Tells whether an address is on this page's site (scheme and registrable domain), or this page is itself in a frame. */
export function relationTo(url: URL): Relation {
  if (window.top !== window) return 'embedded'
  const { protocol, hostname } = window.location
  return protocol === url.protocol && sharesSite(hostname, url.hostname) ? 'same-site' : 'other-site'
}

/** As {@link Frames.ask}. Only the frame itself, showing a page of the asked origin, is listened to (RFC 9700 section 4.17). */
export function ask(address: URL): Promise<unknown> {
  return new Promise((resolve, reject) => {
    const frame = hiddenFrame(address)
    const listening = new AbortController()
    const { signal } = listening
    const settle = (finish: () => void) => {
      listening.abort()
      frame.remove()
      finish()
    }
    const giveUp = () => settle(() => resolve(undefined))
    const hear = ({ source, origin, data }: MessageEvent) => {
      if (source === frame.contentWindow && origin === address.origin) settle(() => resolve(data))
    }
    const notice = ({ blockedURI }: SecurityPolicyViolationEvent) => {
      if (blockedURI.startsWith(address.origin)) settle(() => reject(blocked(address)))
    }
    window.addEventListener('message', hear, { signal })
    document.addEventListener('securitypolicyviolation', notice, { signal })
    frame.addEventListener('load', () => setTimeout(giveUp, longestAfterLoadMs), { signal })
    setTimeout(giveUp, longestMs)
    document.body.append(frame)
  })
}

function hiddenFrame(address: URL): HTMLIFrameElement {
  const frame = document.createElement('iframe')
  frame.hidden = true
  frame.title = 'Sign-in'
  frame.referrerPolicy = 'no-referrer'
  frame.sandbox.add('allow-scripts', 'allow-same-origin')
  frame.src = address.href
  return frame
}

function blocked({ origin }: URL): AuthError {
  return new AuthError('configuration', {
    message: `This page's policy lets no frame of ${origin} in: add it to \`frame-src\`.`,
  })
}

function sharesSite(ours: string, theirs: string): boolean {
  const common = commonEnd(ours, theirs)
  // A name without a dot is nobody's own, `localhost` included.
  return ours === theirs || (common.includes('.') && (common === ours || takesCookies(common)))
}

/** The labels two host names end with. */
function commonEnd(ours: string, theirs: string): string {
  const [a, b] = [ours.split('.').reverse(), theirs.split('.').reverse()]
  const length = a.findIndex((label, index) => label !== b[index])
  return a
    .slice(0, length < 0 ? a.length : length)
    .reverse()
    .join('.')
}

/** Browsers know which names are open to anybody, such as `co.uk`, and take no cookie for them. */
function takesCookies(domain: string): boolean {
  const write = (seconds: number) => {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in some supported browsers
    document.cookie = `portico-site=1; domain=${domain}; path=/; samesite=lax; max-age=${seconds}`
  }
  write(5)
  const isTaken = document.cookie.split('; ').includes('portico-site=1')
  write(0)
  return isTaken
}
