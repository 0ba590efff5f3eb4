import { once } from 'node:events'
import { type AddressInfo, createServer } from 'node:net'
import { generate } from 'selfsigned'
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest'
import { createMailer, type Mail } from './mailer.ts'
import { type MailServer, readPart, startMailServer } from './test/mail-server.ts'

let server: MailServer
beforeAll(async () => {
  server = await startMailServer()
})
afterAll(() => server.close())
afterEach(() => {
  server.received.length = 0
  server.refuse(undefined)
  server.greetAfter(0)
})

function aMail(overrides: Partial<Mail> = {}): Mail {
  return {
    to: 'ada@demo.test',
    sender: 'Demo Store',
    subject: 'Hello',
    text: 'In text.',
    html: '<p>In HTML.</p>',
    ...overrides,
  }
}

const send = (mail: Mail, { url = server.url, signal = AbortSignal.timeout(5_000) } = {}) =>
  createMailer({ smtp: url, from: 'shop@demo.test' }).send(mail, signal)

test('a mail arrives from the configured address, in the name of the shop, as text and HTML', async () => {
  await send(aMail())
  const [mail] = server.received
  if (!mail) throw new Error('nothing arrived')
  expect(mail).toMatchObject({ from: 'shop@demo.test', to: ['ada@demo.test'] })
  expect(mail.source).toMatch(/^From: Demo Store <shop@demo.test>\r?$/m)
  expect(mail.source).toMatch(/^Auto-Submitted: auto-generated\r?$/m)
  expect(readPart(mail, 'text/plain').trim()).toBe('In text.')
  expect(readPart(mail, 'text/html').trim()).toBe('<p>In HTML.</p>')
})

test.each(['Łódź "Store", <evil@demo.test>', 'Shop\r\nBcc: everybody@demo.test'])(
  'a name can not be more than a name: %j',
  async (sender) => {
    await send(aMail({ sender, subject: `From ${sender}` }))
    const [mail] = server.received
    expect(mail).toMatchObject({ from: 'shop@demo.test', to: ['ada@demo.test'] })
    expect(mail?.source).not.toMatch(/^Bcc:/im)
  },
)

test.each(['a@demo.test, b@demo.test', 'a@demo.test\r\nRCPT TO:<b@demo.test>'])(
  'an address is one address: %j',
  async (to) => {
    await send(aMail({ to })).catch(() => undefined)
    expect(server.received.flatMap((mail) => mail.to)).not.toContain('b@demo.test')
  },
)

describe('a server that does not take it', () => {
  test('is an error with its status', async () => {
    server.refuse(550)
    await expect(send(aMail())).rejects.toMatchObject({ code: 'EENVELOPE', responseCode: 550 })
  })

  test('because nobody is there is an error', async () => {
    await expect(send(aMail(), { url: 'smtp://127.0.0.1:1' })).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  })

  test('because it says nothing is hung up on', async () => {
    const silent = createServer((socket) => socket.resume()).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const { port } = silent.address() as AddressInfo
    let connections = 0
    silent.on('connection', () => connections++)
    const closed = new Promise((resolve) => silent.once('connection', (socket) => socket.once('close', resolve)))
    const begun = Date.now()
    await expect(send(aMail(), { url: `smtp://127.0.0.1:${port}`, signal: AbortSignal.timeout(200) })).rejects.toThrow()
    expect(Date.now() - begun).toBeLessThan(2_000)
    await closed
    expect(connections).toBe(1)
    silent.close()
  })
})

describe('a server that wants a password', () => {
  let strict: MailServer
  beforeAll(async () => {
    strict = await startMailServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: ({ username, password }, _session, callback) =>
        username === 'portico' && password === 'p@ss' ? callback(null, { user: username }) : callback(new Error('no')),
    })
  })
  afterAll(() => strict.close())

  test('gets the one in the address', async () => {
    await send(aMail(), { url: strict.url.replace('//', '//portico:p%40ss@') })
    expect(strict.received).toHaveLength(1)
    await expect(send(aMail(), { url: strict.url.replace('//', '//portico:wrong@') })).rejects.toMatchObject({
      code: 'EAUTH',
    })
  })
})

describe.each([
  ['smtps', { secure: true }],
  ['smtp', { hideSTARTTLS: false }],
])('an encrypted server at %s:', (scheme, options) => {
  let encrypted: MailServer
  beforeAll(async () => {
    const { private: key, cert } = await generate([{ name: 'commonName', value: 'localhost' }], { keyType: 'ec' })
    encrypted = await startMailServer({ ...options, key, cert })
  })
  afterAll(() => encrypted.close())

  test('gets the mail encrypted, if somebody vouches for it', async () => {
    const url = `${encrypted.url.replace('smtp:', `${scheme}:`)}/`
    await expect(send(aMail(), { url })).rejects.toMatchObject({ code: expect.stringMatching(/^E/) })
    expect(encrypted.received).toEqual([])
    await send(aMail(), { url: `${url}?tls.rejectUnauthorized=false` })
    expect(encrypted.received).toMatchObject([{ isEncrypted: true }])
  })
})
