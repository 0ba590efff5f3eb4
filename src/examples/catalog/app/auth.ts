import { createAuth } from '@portico/sdk'

/** The page's sign-in client. Made once, outside any component; the server has written the issuer into the page. */
export const auth = createAuth({
  issuer: document.querySelector<HTMLMetaElement>('meta[name=issuer]')?.content ?? '',
  clientId: 'catalog',
  redirectUri: `${window.location.origin}/callback`,
  guest: true,
  currency: 'EUR',
  language: document.documentElement.lang,
})
