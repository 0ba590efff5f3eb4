import { createAuth } from '@portico/sdk'

/** The page's sign-in client. Made once, outside any component; the server has written the issuer into the page. */
export const auth = createAuth({
  issuer: document.querySelector<HTMLMetaElement>('meta[name=issuer]')?.content ?? '',
  clientId: 'catalog',
  redirectUri: `${window.location.origin}/callback`,
  guest: true,
  // Whoever the portal knows is a member at once; a visitor with a cart is asked first, by pressing Sign in.
  silentSignIn: 'frame',
  currency: 'EUR',
  language: document.documentElement.lang,
})
