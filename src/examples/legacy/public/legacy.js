import { checkIdToken } from './id-token.js'

const clientId = 'legacy'
const redirectUri = `${location.origin}/`
const issuer = document.querySelector('meta[name="issuer"]')?.getAttribute('content') ?? ''
/** What a sign-in under way has to be told apart by; one tab, one sign-in. */
const underWay = 'legacy.sign-in'

const answer = window.signInAnswer
delete window.signInAnswer

byId('signed-out').addEventListener('submit', (event) => {
  event.preventDefault()
  const form = /** @type {HTMLFormElement} */ (event.currentTarget)
  begin(String(new FormData(form).get('response_type'))).catch((error) => tell(sentenceFor(error)))
})

if (answer) await finish(answer).catch((error) => showSignedOut(sentenceFor(error)))
else showSignedOut()

/** @param {string} responseType */
async function begin(responseType) {
  const { authorization_endpoint } = await discover()
  const attempt = { state: random(), nonce: random(), responseType }
  sessionStorage.setItem(underWay, JSON.stringify(attempt))
  const parameters = {
    client_id: clientId,
    redirect_uri: redirectUri,
    response_type: responseType,
    scope: 'openid profile',
    state: attempt.state,
    ...(responseType.includes('id_token') && { nonce: attempt.nonce }),
  }
  location.assign(`${authorization_endpoint}?${new URLSearchParams(parameters)}`)
}

/** @param {URLSearchParams} answered */
async function finish(answered) {
  const { state, nonce, responseType } = JSON.parse(sessionStorage.getItem(underWay) ?? '{}')
  sessionStorage.removeItem(underWay)
  // RFC 6749 section 10.12, RFC 9207.
  if (!state || answered.get('state') !== state || answered.get('iss') !== issuer) throw new Error('not asked for')
  const refusal = answered.get('error')
  if (refusal) throw new Error(refusal)
  const { jwks_uri, userinfo_endpoint, end_session_endpoint } = await discover()
  const accessToken = answered.get('access_token') ?? ''
  const idToken = answered.get('id_token') ?? ''
  if (responseType.includes('id_token')) {
    await checkIdToken(idToken, { issuer, clientId, nonce, accessToken, jwksUri: jwks_uri })
  }
  const ask = () => fetch(userinfo_endpoint, { headers: { authorization: `Bearer ${accessToken}` } })
  const response = await ask()
  if (!response.ok) throw new Error(`userinfo answered ${response.status}`)
  showSignedIn(answered, await response.json())
  watchForTheEnd(ask)
  byId('sign-out').addEventListener('click', () => {
    const hint = idToken ? { id_token_hint: idToken } : { client_id: clientId }
    location.assign(
      `${end_session_endpoint}?${new URLSearchParams({ ...hint, post_logout_redirect_uri: redirectUri })}`,
    )
  })
}

async function discover() {
  return (await fetch(`${issuer}/.well-known/openid-configuration`)).json()
}

/**
 * Nobody tells a page that its person has signed out elsewhere: its next call does, so it makes one when it is looked at.
 * @param {() => Promise<Response>} ask
 */
function watchForTheEnd(ask) {
  const look = async () => {
    const response = await ask().catch(() => undefined)
    if (!response) return tell('The portal can’t be reached right now. Nothing has changed.')
    if (response.status === 401) return showSignedOut('You are signed out: the token is no good any more.')
    if (response.ok) showPerson(await response.json())
  }
  byId('ask').addEventListener('click', look)
  const lookWhenSeen = () => {
    if (document.visibilityState === 'visible' && !byId('signed-in').hidden) void look()
  }
  document.addEventListener('visibilitychange', lookWhenSeen)
  addEventListener('pageshow', ({ persisted }) => persisted && lookWhenSeen())
}

/** @param {string} [notice] */
function showSignedOut(notice) {
  byId('signed-in').hidden = true
  // What is hidden can still be read.
  for (const id of ['hello', 'answer', 'userinfo']) byId(id).replaceChildren()
  byId('signed-out').hidden = false
  if (notice) tell(notice)
}

/**
 * @param {URLSearchParams} answered
 * @param {Record<string, unknown>} person
 */
function showSignedIn(answered, person) {
  showPerson(person)
  byId('answer').replaceChildren(...[...answered].flatMap(([name, value]) => term(name, shortened(value))))
  byId('signed-in').hidden = false
}

/** @param {Record<string, unknown>} person */
function showPerson(person) {
  byId('notice').hidden = true
  byId('hello').textContent = `Signed in as ${person.name}`
  byId('userinfo').replaceChildren(...Object.entries(person).flatMap(([name, value]) => term(name, String(value))))
}

/**
 * @param {string} name
 * @param {string} value
 */
function term(name, value) {
  const [title, text] = [document.createElement('dt'), document.createElement('dd')]
  title.textContent = name
  text.textContent = value
  return [title, text]
}

/** A token on the screen is a token for whoever looks over the shoulder. @param {string} value */
function shortened(value) {
  return value.length > 60 ? `${value.slice(0, 16)}… (${value.length} characters)` : value
}

/** @param {unknown} error */
function sentenceFor(error) {
  const reason = error instanceof Error ? error.message : ''
  if (reason === 'access_denied') return 'You are not signed in: the request was turned down.'
  return `That sign-in did not come through (${reason}). Try once more.`
}

/** @param {string} sentence */
function tell(sentence) {
  const notice = byId('notice')
  notice.textContent = sentence
  notice.hidden = false
}

/** @param {string} id */
function byId(id) {
  const found = document.getElementById(id)
  if (!found) throw new Error(`the page has no #${id}`)
  return found
}

function random() {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, '0')).join('')
}
