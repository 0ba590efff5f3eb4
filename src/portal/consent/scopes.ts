/** What allowing a scope value means (OpenID Connect Core 1.0, sections 5.4 and 11), after "would like to". */
const meanings = new Map([
  ['profile', 'see your name'],
  ['email', 'see your e-mail address'],
  ['address', 'see your postal address'],
  ['phone', 'see your phone number'],
  ['offline_access', 'stay signed in while you are away'],
])

/** Signing in at all means this, so it is said only when there is nothing else to say. */
const implied = new Set(['openid'])

export type Permission = { id: string; text: string } | { id: string; role: string }

/** The scope values as a person reads them, known meanings first; every other value is a role of the tenant. */
export function permissionsOf(scopes: string[]): Permission[] {
  const asked = [...new Set(scopes)].filter((scope) => !implied.has(scope))
  if (asked.length === 0) return [{ id: 'openid', text: 'know who you are' }]
  const known = [...meanings].filter(([id]) => asked.includes(id)).map(([id, text]) => ({ id, text }))
  const roles = asked.filter((scope) => !meanings.has(scope)).map((role) => ({ id: role, role }))
  return [...known, ...roles]
}
