/** Runs every check but the tests, two at a time, and says at the end what the failed ones found. */
import { existsSync, globSync } from 'node:fs'
import { join, relative } from 'node:path'
import { type Outcome, printOutcome, printOutput, root, runCommand } from './step.ts'

interface Check {
  name: string
  run: () => Promise<Outcome>
  /** Looks at built files: left out when the build failed. */
  built?: boolean
}

const typeScript = (area: string, built = false): Check => ({
  name: `types ${area}`,
  run: () => runCommand(['tsc', '-p', `${area}/tsconfig.json`]),
  built,
})

const checks: Check[] = [
  {
    name: 'format and lint',
    run: () => runCommand(['biome', 'check', '--error-on-warnings', '--max-diagnostics=100', '.']),
  },
  typeScript('src/server'),
  typeScript('src/portal'),
  typeScript('src/sdk'),
  typeScript('src/examples', true),
  typeScript('e2e', true),
  {
    name: 'imports',
    run: () => runCommand(['depcruise', '--config', '.dependency-cruiser.mjs', 'src', 'e2e', 'bench']),
    built: true,
  },
  { name: 'unused', run: () => runCommand(['knip', '--no-progress']) },
  { name: 'readmes', run: checkReadmes },
  { name: 'package', run: () => runCommand(['publint', 'run', 'src/sdk', '--strict']), built: true },
  { name: 'package types', run: () => runCommand(['attw', '--pack', 'src/sdk', '--profile', 'esm-only']), built: true },
  { name: 'sizes', run: () => runCommand(['size-limit']), built: true },
]

const failed: { name: string; output: string }[] = []
const build = await report('build', () => runCommand(['node', 'src/build.ts']))
const waiting = checks.values()
await Promise.all([takeChecks(), takeChecks()])
for (const { name, output } of failed) printOutput(name, output)
process.exitCode = failed.length === 0 ? 0 : 1

async function takeChecks(): Promise<void> {
  for (const check of waiting) {
    if (check.built && !build.ok) printOutcome(check.name, 'not run')
    else await report(check.name, check.run)
  }
}

async function report(name: string, run: () => Promise<Outcome>): Promise<Outcome> {
  const outcome = await run()
  printOutcome(name, outcome.ok ? 'ok' : 'failed', outcome.ms)
  if (!outcome.ok) failed.push({ name, output: outcome.output })
  return outcome
}

/** Each folder of the first two levels under src says what it is for. */
async function checkReadmes(): Promise<Outcome> {
  const started = performance.now()
  const folders = globSync(['src', 'src/*', 'src/*/*'], { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !['dist', 'node_modules'].includes(entry.name))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
  const missing = folders.filter((folder) => !existsSync(join(root, folder, 'README.md')))
  const output = missing.map((folder) => `${folder} has no README.md`).join('\n')
  return { ok: missing.length === 0, ms: performance.now() - started, output }
}
