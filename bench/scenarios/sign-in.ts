import { createPasswordHasher } from '../../src/server/passwords/password-hasher.ts'
import { PASSWORD } from '../servers/parties.ts'
import { portico, signInAt, tokenClient } from './dialects.ts'
import type { Scenario, Side } from './scenario.ts'

function signIns(options: { drawsPages: boolean }): Side {
  return {
    server: 'portico',
    async begin(user) {
      const client = await tokenClient(portico, user)
      return () => signInAt(portico, user, client, options)
    },
  }
}

const hasher = createPasswordHasher()
const hash = Promise.withResolvers<string>()

/** Passwords checked and nothing else: as many at once as the server checks, by the same code. */
const passwordChecks: Side = {
  server: 'load',
  async begin({ index }) {
    if (index === 0) hash.resolve(await hasher.hash(PASSWORD))
    const phc = await hash.promise
    return async () => {
      const { ok } = await hasher.verify(phc, PASSWORD)
      if (!ok) throw new Error('the password was refused')
    }
  },
}

export const signIn: Scenario = {
  name: 'sign-in',
  title: 'whole password sign-in, beside argon2id alone',
  subject: signIns({ drawsPages: false }),
  rival: passwordChecks,
  target: 0.85,
}

export const signInWithPage: Scenario = {
  name: 'sign-in-page',
  title: 'the same, and its page drawn',
  subject: signIns({ drawsPages: true }),
  rival: passwordChecks,
}
