import { BACKEND } from '../servers/parties.ts'
import { type Dialect, portico, signInAt, stock, tokenClient } from './dialects.ts'
import type { Scenario, Side } from './scenario.ts'

/** A server-side app asks whether a refresh token is good (RFC 7662). */
function questions(dialect: Dialect): Side {
  return {
    server: dialect.server,
    async begin(user) {
      const { refresh_token = '' } = await signInAt(dialect, user, await tokenClient(dialect, user))
      const request = {
        method: 'POST',
        path: dialect.introspectionPath,
        headers: { accept: 'application/json' },
        form: { token: refresh_token, client_id: BACKEND.id, client_secret: BACKEND.secret },
      } as const
      return async () => {
        const { status, body } = await user.connection.send(request)
        const answer: { active?: boolean; sub?: string } = status === 200 ? JSON.parse(body) : {}
        if (answer.active !== true || !answer.sub) throw new Error(`${status} ${body.slice(0, 200)}`)
      }
    },
  }
}

export const introspection: Scenario = {
  name: 'introspection',
  title: 'introspection of a refresh token',
  subject: questions(portico),
  rival: questions(stock),
  target: 0.9,
}
