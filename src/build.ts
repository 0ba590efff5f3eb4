/** Builds what can't be run from source: the SDK, the portal, the catalog. What hasn't changed is left alone. */
import { createHash } from 'node:crypto'
import { existsSync, globSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { printOutcome, printOutput, root, runCommand } from './step.ts'

interface BuildStep {
  name: string
  command: string[]
  /** Files and folders whose content decides whether the last result still holds. */
  inputs: string[]
  output: string
}

const everyStep = ['package-lock.json', 'package.json', 'tsconfig.json', 'src/build.ts']

const sdk: BuildStep = {
  name: 'sdk',
  command: ['npm', 'run', 'build', '-w', '@portico/sdk'],
  inputs: ['src/sdk', 'src/contract'],
  output: 'src/sdk/dist',
}

const portal: BuildStep = {
  name: 'portal',
  command: ['vite', 'build', '--app'],
  inputs: ['src/portal', 'src/contract', 'public', 'index.html', 'vite.config.ts'],
  output: 'dist/portal',
}

const catalog: BuildStep = {
  name: 'catalog',
  command: ['vite', 'build', 'src/examples/catalog'],
  inputs: ['src/examples/catalog', 'src/sdk', 'src/contract'],
  output: 'dist/catalog',
}

// The catalog bundles the built SDK, so it waits for it; the portal waits for nobody.
const built = await Promise.all([buildStep(portal), buildStep(sdk).then((ok) => ok && buildStep(catalog))])
process.exitCode = built.every(Boolean) ? 0 : 1

async function buildStep(step: BuildStep): Promise<boolean> {
  const stamp = join(root, 'dist/.built', step.name)
  const inputs = await hashOf(step.inputs)
  if (existsSync(join(root, step.output)) && (await readIfThere(stamp)) === inputs) {
    printOutcome(step.name, 'unchanged')
    return true
  }
  // Gone while the build runs, so that one cut short is never taken for a good one.
  await rm(stamp, { force: true })
  const { ok, ms, output } = await runCommand(step.command)
  printOutcome(step.name, ok ? 'ok' : 'failed', ms)
  if (ok) await writeStamp(stamp, inputs)
  else printOutput(step.name, output)
  return ok
}

async function hashOf(inputs: string[]): Promise<string> {
  const hash = createHash('sha256')
  for (const path of filesOf([...inputs, ...everyStep])) {
    hash.update(`${path}\0`).update(await readFile(path))
  }
  return hash.digest('hex')
}

function filesOf(inputs: string[]): string[] {
  const patterns = inputs.flatMap((input) => [input, `${input}/**`])
  const isLeft = (path: string) => /\/(dist|node_modules)(\/|$)|\.test\.tsx?$|\.md$/.test(path)
  const found = globSync(patterns, { cwd: root, withFileTypes: true }).filter((entry) => entry.isFile())
  return found
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => !isLeft(path.slice(root.length - 1)))
    .sort()
}

async function writeStamp(stamp: string, inputs: string): Promise<void> {
  await mkdir(join(stamp, '..'), { recursive: true })
  await writeFile(stamp, inputs)
}

async function readIfThere(path: string): Promise<string | undefined> {
  return existsSync(path) ? readFile(path, 'utf8') : undefined
}
