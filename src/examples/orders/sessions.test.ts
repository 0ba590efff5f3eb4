import type { IncomingMessage } from 'node:http'
import { expect, test } from 'vitest'
import { createSessions } from './sessions.ts'

const withCookie = (cookie: string) => ({ headers: { cookie } }) as IncomingMessage
const cookieOf = (setCookie: string) => setCookie.split(';')[0] ?? ''
const nobody = withCookie('')

test('a session is found by its cookie, among those of other apps, until it ends', () => {
  let now = 0
  const sessions = createSessions(() => now)
  const session = { attempts: new Map() }
  const request = withCookie(`other=1; ${cookieOf(sessions.start(nobody, session))}; another=2`)
  expect(sessions.find(request)).toBe(session)
  now = 8 * 3_600_000
  expect(sessions.find(request)).toBeUndefined()
})

test('a session that starts ends the one before, so that an old cookie opens nothing', () => {
  const sessions = createSessions()
  const before = withCookie(cookieOf(sessions.start(nobody, { attempts: new Map() })))
  const after = withCookie(cookieOf(sessions.start(before, { attempts: new Map() })))
  expect(sessions.find(before)).toBeUndefined()
  expect(sessions.find(after)).toBeDefined()
})

test('the cookie is out of reach of scripts and says nothing', () => {
  const [first, second] = [1, 2].map(() => createSessions().start(nobody, { attempts: new Map() }))
  expect(first).toMatch(/^orders_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax$/)
  expect(first).not.toBe(second)
})

test('a login that has ended takes its sessions along, in every browser, and no others', () => {
  const sessions = createSessions()
  const signedIn = (sub: string, sid: string) => {
    const person = { sub, sid, name: sub, idToken: '' }
    return withCookie(cookieOf(sessions.start(nobody, { attempts: new Map(), person })))
  }
  const [first, twin, other, ben] = [
    signedIn('ada', 'login-1'),
    signedIn('ada', 'login-1'),
    signedIn('ada', 'login-2'),
    signedIn('ben', 'login-3'),
  ]
  const visitor = withCookie(cookieOf(sessions.start(nobody, { attempts: new Map() })))
  const found = () => [first, twin, other, ben, visitor].map((request) => sessions.find(request) !== undefined)
  sessions.endLogin({ sid: 'login-1', sub: 'ada' })
  expect(found()).toEqual([false, false, true, true, true])
  sessions.endLogin({ sub: 'ada' })
  expect(found()).toEqual([false, false, false, true, true])
})
