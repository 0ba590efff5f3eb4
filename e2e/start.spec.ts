import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { expect, test } from '@playwright/test'
import { expectSignedIn, fillSignIn } from './fixtures.ts'

const ROOT = resolve(import.meta.dirname, '..')

/** `npm start` without the build, which the test command has just made. */
function start(env: NodeJS.ProcessEnv) {
  const child = spawn(process.execPath, ['src/examples/start.js'], { cwd: ROOT, env: { ...process.env, ...env } })
  const output = { out: '', err: '' }
  child.stdout.on('data', (text) => (output.out += text))
  child.stderr.on('data', (text) => (output.err += text))
  return { child, output }
}

async function exitCode(child: ChildProcess): Promise<number | null> {
  if (child.exitCode === null) await once(child, 'exit')
  return child.exitCode
}

let folder: string
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portico-start-'))
})
test.afterEach(() => rm(folder, { recursive: true, force: true }))

test('the demo says where it is and whom to sign in as, works, and ends cleanly with Ctrl-C', async ({ page }) => {
  const { child, output } = start({ PORTICO_DEMO_PORT: '3700', PORTICO_DEMO_DATA: folder })
  await expect.poll(() => output.out, { timeout: 20_000 }).toContain('Ctrl-C')
  const [, username = '', password = ''] = /Sign in as +(\S+) +password +(.+)/.exec(output.out) ?? []
  const [, shop = ''] = /Shop +(\S+)/.exec(output.out) ?? []
  for (const app of ['Orders', 'Legacy']) {
    const [, address = ''] = new RegExp(`${app} +(\\S+)`).exec(output.out) ?? []
    await page.goto(address)
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible()
  }
  await page.goto(shop)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await fillSignIn(page, { username, password })
  await page.getByRole('button', { name: 'Allow' }).click()
  await expectSignedIn(page, { username, password, name: 'Ada Okafor' })
  child.kill('SIGINT')
  expect(await exitCode(child)).toBe(0)
  expect(output.err).toBe('')
})

test('a port in use is one sentence that says what to do', async () => {
  const taken = createServer().listen(3710, '127.0.0.1')
  await once(taken, 'listening')
  const { child, output } = start({ PORTICO_DEMO_PORT: '3710', PORTICO_DEMO_DATA: folder })
  expect(await exitCode(child)).not.toBe(0)
  expect(output.err.trim().split('\n')).toEqual([expect.stringMatching(/3710 is in use.*PORTICO_DEMO_PORT/)])
  taken.close()
})

test('a folder it may not write is one sentence that says what to do', async () => {
  const file = join(folder, 'a file where a folder is needed')
  await writeFile(file, '')
  const { child, output } = start({ PORTICO_DEMO_PORT: '3720', PORTICO_DEMO_DATA: join(file, 'data') })
  expect(await exitCode(child)).not.toBe(0)
  expect(output.err.trim().split('\n')).toEqual([expect.stringContaining('make it writable')])
})

test('a broken database file is one sentence that says what to do', async () => {
  await writeFile(join(folder, 'portico.db'), 'this is no database, however long it may be. '.repeat(200))
  const { child, output } = start({ PORTICO_DEMO_PORT: '3730', PORTICO_DEMO_DATA: folder })
  expect(await exitCode(child)).not.toBe(0)
  expect(output.err.trim().split('\n')).toEqual([expect.stringMatching(/not a .*database/i)])
})

test('the demo answers on loopback only', async () => {
  const { child, output } = start({ HOST: '0.0.0.0', PORTICO_DEMO_PORT: '3740', PORTICO_DEMO_DATA: folder })
  expect(await exitCode(child)).not.toBe(0)
  expect(output.err).toContain('loopback only')
})
