import { readFile } from 'node:fs/promises'
import { extname, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { StartError } from '../start-error.ts'

/** Reads a configuration file: JSON, or the default export of a TypeScript or JavaScript module. */
export async function readConfigFile(file: string): Promise<unknown> {
  const extension = extname(file)
  if (extension === '.json') return readJson(file)
  if (/^\.[cm]?[jt]s$/.test(extension)) return readModule(file)
  throw new StartError(`The configuration ${file} must be a .json, .ts or .js file: rename it.`)
}

async function readJson(file: string): Promise<unknown> {
  const text = await readText(file)
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new StartError(`The configuration ${file} is not valid JSON${placeOf(error)}: correct it there.`)
  }
}

async function readText(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT') throw new StartError(`There is no configuration at ${file}: name one with --config FILE.`)
    throw new StartError(`The configuration ${file} can't be read (${code}): make it readable for this user.`)
  }
}

async function readModule(file: string): Promise<unknown> {
  await readText(file)
  const exports = await importModule(file)
  if (exports.default === undefined) throw new StartError(`The configuration ${file} has no default export: add one.`)
  return exports.default
}

async function importModule(file: string): Promise<{ default?: unknown }> {
  try {
    return await import(pathToFileURL(resolve(file)).href)
  } catch (error) {
    const reason = error instanceof Error ? error.message.split('\n', 1)[0] : 'it threw no error'
    throw new StartError(`The configuration ${file} can't be loaded: ${reason}`, { cause: error })
  }
}

/** Where JSON.parse stopped; the rest of its message quotes the file, which holds secrets. */
function placeOf(error: unknown): string {
  const [, line, column] = /\(line (\d+) column (\d+)\)/.exec(error instanceof Error ? error.message : '') ?? []
  return line === undefined ? '' : ` at line ${line}, column ${column}`
}
