import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { StartError } from '../start-error.ts'
import { loadConfig } from './load-config.ts'
import { aConfigFile, anEnvironment } from './test/builders.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'portico-config-'))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

async function load(name: string, content?: string) {
  const file = join(folder, name)
  if (content !== undefined) await writeFile(file, content)
  return loadConfig({ file, env: anEnvironment })
}

async function startError(name: string, content?: string): Promise<string> {
  const error = await load(name, content).catch((reason: unknown) => reason)
  expect(error).toBeInstanceOf(StartError)
  return (error as StartError).message
}

test('a JSON file is read', async () => {
  expect(await load('portico.json', JSON.stringify(aConfigFile()))).toMatchObject({ origin: 'http://localhost:3000' })
})

test('a TypeScript module is read from its default export', async () => {
  const source = `const origin: string = 'http://localhost:3000'\nexport default { ...${JSON.stringify(aConfigFile())}, origin }`
  expect(await load('portico.ts', source)).toMatchObject({ origin: 'http://localhost:3000' })
})

test('a mistake in the JSON is placed without quoting the file, which holds secrets', async () => {
  const message = await startError('broken.json', '{\n  "client_secret": "hunter2",\n  "x": }')
  expect(message).toMatch(/broken\.json is not valid JSON/)
  expect(message).not.toContain('hunter2')
})

test.each([
  ['nowhere.json', undefined, /There is no configuration at .*nowhere\.json: name one with --config FILE/],
  ['nowhere.ts', undefined, /There is no configuration at .*nowhere\.ts/],
  ['portico.yaml', 'a: 1', /must be a \.json, \.ts or \.js file/],
  ['named.ts', 'export const config = {}', /has no default export/],
  ['throws.ts', 'throw new Error("no such variable")', /can't be loaded: no such variable/],
  ['wrong.json', '{}', /wrong\.json has to be corrected:\n {2}origin: is missing\n {2}tenants: is missing/],
])('%s is refused in words', async (name, content, message) => {
  expect(await startError(name, content)).toMatch(message)
})
