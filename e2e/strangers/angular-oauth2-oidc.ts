/** As its README shows it for the implicit flow, without a component around it. */
import '@angular/compiler'
import { provideHttpClient } from '@angular/common/http'
import { createApplication } from '@angular/platform-browser'
import { OAuthService, provideOAuthClient } from 'angular-oauth2-oidc'

const { injector } = await createApplication({ providers: [provideHttpClient(), provideOAuthClient()] })
const service = injector.get(OAuthService)
service.configure({
  issuer: document.documentElement.dataset.issuer ?? '',
  redirectUri: `${location.origin}/`,
  clientId: 'angular',
  scope: 'openid profile',
  requireHttps: false,
})

const main = document.body.appendChild(document.createElement('main'))
await service.loadDiscoveryDocumentAndTryLogin()
if (service.hasValidAccessToken()) {
  await service.loadUserProfile()
  main.textContent = `Hello ${service.getIdentityClaims().name}`
  const out = main.appendChild(document.createElement('button'))
  out.textContent = 'Log out'
  out.onclick = () => service.logOut()
} else {
  const button = main.appendChild(document.createElement('button'))
  button.textContent = 'Log in'
  button.onclick = () => service.initImplicitFlow()
}
