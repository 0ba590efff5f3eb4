import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { describeBothSchemes } from '../../src/server/strangers/test/both-schemes.ts'
import { Person } from '../../src/server/strangers/test/person.ts'
import { aConfidentialClient, ORDERS_SECRET } from '../../src/server/test/test-config.ts'
import { needPackages } from './packages.ts'

const REDIRECT_URI = 'http://localhost:3002/callback'

let folder: string
beforeAll(async () => {
  needPackages({
    'python3-authlib': '/usr/lib/python3/dist-packages/authlib/__init__.py',
    'python3-requests': '/usr/lib/python3/dist-packages/requests/__init__.py',
  })
  folder = await mkdtemp(join(tmpdir(), 'portico-authlib-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** A program of Python that says what it has, a line at a time. */
function startAuthlib(args: string[], env: NodeJS.ProcessEnv) {
  const program = spawn('/usr/bin/python3', [join(import.meta.dirname, 'authlib_client.py'), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
  })
  const lines = createInterface(program.stdout)[Symbol.asyncIterator]()
  return {
    async hear(): Promise<Record<string, unknown>> {
      const { done, value } = await lines.next()
      if (done) throw new Error('Authlib ended; what it wrote above says why')
      return JSON.parse(value)
    },
    say: (line: string) => program.stdin.write(`${line}\n`),
    async ended(): Promise<number | null> {
      if (program.exitCode === null) await once(program, 'exit')
      return program.exitCode
    },
  }
}

describeBothSchemes('authlib of Debian', [aConfidentialClient()], (portal) => {
  test('signs in, checks the ID token, reads userinfo, renews, introspects and revokes', async () => {
    const { issuer, authority } = portal()
    const bundle = join(folder, 'authority.pem')
    if (authority) await writeFile(bundle, authority)
    // What its documentation says to set on a developer's machine, and what any company with an authority of its own sets.
    const env = authority ? { REQUESTS_CA_BUNDLE: bundle } : { AUTHLIB_INSECURE_TRANSPORT: '1' }
    const authlib = startAuthlib([issuer, 'orders', ORDERS_SECRET, REDIRECT_URI], env)
    const { address } = await authlib.hear()
    const returned = await new Person().signIn(String(address), REDIRECT_URI)
    // The app itself is behind TLS, or so Authlib insists on hearing.
    authlib.say(authority ? returned.href.replace('http:', 'https:') : returned.href)
    expect(await authlib.hear()).toEqual({ name: 'Ada Okafor', sub: expect.any(String) })
    expect(await authlib.hear()).toEqual({ is_renewed: true })
    expect(await authlib.hear()).toEqual({ before: true, after: false })
    expect(await authlib.ended()).toBe(0)
  })
})
