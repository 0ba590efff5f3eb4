/** A shop's page as it is written for OrderCloud: its SDK keeps the tokens in cookies and renews them by itself. */
import { Auth, Certs, Configuration, Tokens } from 'ordercloud-javascript-sdk'

Configuration.Set({ baseApiUrl: document.documentElement.dataset.issuer ?? '' })

const main = document.body.appendChild(document.createElement('main'))
const form = document.body.appendChild(document.createElement('form'))

function field(label: string, type: string): HTMLInputElement {
  const element = form.appendChild(document.createElement('label'))
  element.textContent = label
  const input = element.appendChild(document.createElement('input'))
  input.type = type
  return input
}

const name = field('Name', 'text')
const password = field('Password', 'password')
form.appendChild(document.createElement('button')).textContent = 'Log in'
form.onsubmit = (event) => {
  event.preventDefault()
  void Auth.Login(name.value, password.value, 'storefront').then((answer) => {
    Tokens.SetAccessToken(answer.access_token)
    Tokens.SetRefreshToken(answer.refresh_token)
    show()
  }, fail)
}

function button(label: string, press: () => Promise<unknown>): void {
  const element = document.body.appendChild(document.createElement('button'))
  element.textContent = label
  element.onclick = () => void press().then(show, fail)
}

button('Browse', async () => Tokens.SetAccessToken((await Auth.Anonymous('storefront')).access_token))
// Any call of the API: before it, the SDK renews a token that has expired.
button('Call', () => Certs.GetPublicKey(JSON.parse(atob(tokenPart(0))).kid))

function tokenPart(index: number): string {
  return (Tokens.GetAccessToken() ?? '').split('.')[index]?.replace(/-/g, '+').replace(/_/g, '/') ?? ''
}

let seen = new Set<string>()

function show(): void {
  const { usr } = JSON.parse(atob(tokenPart(1)))
  seen = seen.add(tokenPart(1))
  main.textContent = `Hello ${usr}, with token ${seen.size}`
}

function fail({ errorCode, message }: { errorCode?: string; message: string }): void {
  main.textContent = errorCode ?? message
}
