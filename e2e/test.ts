/** Runs every test, Vitest's and then the browsers', and ends with one line: `N passed, N failed`. */
import { spawn } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { findBrowser, findFirefox } from './browser.ts'

interface Count {
  passed: number
  failed: number
  skipped: number
}

interface VitestReport {
  numPassedTests: number
  numFailedTests: number
  numPendingTests: number
  numTodoTests: number
  testResults: { status: string; assertionResults: { status: string }[] }[]
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number }
}

const root = fileURLToPath(new URL('..', import.meta.url))
const browserReport = join(root, 'test-results/e2e.json')
const runsAll = process.argv.includes('--all')
const oneFailed: Count = { passed: 0, failed: 1, skipped: 0 }

const counts = [await runVitest('Vitest'), await orOneFailed(runBrowserTests)]
if (runsAll) {
  counts.push(await orOneFailed(runFirefoxTests))
  counts.push(await runVitest('Debian', ['--config', 'e2e/debian/vitest.config.ts']))
}
const total = (part: keyof Count) => counts.reduce((sum, count) => sum + count[part], 0)
const [passed, failed, skipped] = [total('passed'), total('failed'), total('skipped')]
if (skipped > 0) console.log(`${skipped} did not run: a skipped test is no success.`)
console.log(`${passed} passed, ${failed} failed`)
process.exitCode = passed > 0 && failed === 0 && skipped === 0 ? 0 : 1

function runVitest(name: string, args: string[] = [], env: NodeJS.ProcessEnv = {}): Promise<Count> {
  const written = join(root, `test-results/${name.toLowerCase()}.json`)
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${written}`]
  return runTests(name, ['vitest', 'run', '--allowOnly=false', ...reporters, ...args], env, written, (text) => {
    const report: VitestReport = JSON.parse(text)
    return {
      passed: report.numPassedTests,
      failed: report.numFailedTests + report.testResults.filter(failedAsAWhole).length,
      skipped: report.numPendingTests + report.numTodoTests,
    }
  })
}

/** A file that doesn't load, or whose set-up fails, has no failed test to count. */
function failedAsAWhole({ status, assertionResults }: VitestReport['testResults'][number]): boolean {
  return status === 'failed' && assertionResults.every((result) => result.status !== 'failed')
}

function runBrowserTests(): Promise<Count> {
  const env = { PORTICO_CHROMIUM: findBrowser() }
  const command = ['playwright', 'test', '--config', 'e2e/playwright.config.ts']
  return runTests('Playwright', command, env, browserReport, (text) => {
    const { stats }: PlaywrightReport = JSON.parse(text)
    return { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped }
  })
}

function runFirefoxTests(): Promise<Count> {
  return runVitest('Firefox', ['--config', 'e2e/firefox/vitest.config.ts'], { PORTICO_FIREFOX: findFirefox() })
}

/** What a test run needs and can't have is said in one sentence, and is a failure. */
async function orOneFailed(work: () => Promise<Count>): Promise<Count> {
  try {
    return await work()
  } catch (error) {
    console.log(error instanceof Error ? error.message : error)
    return oneFailed
  }
}

/** A runner that fails without a failed test (a crash, no test found) counts as one failure. */
async function runTests(
  name: string,
  command: string[],
  env: NodeJS.ProcessEnv,
  report: string,
  read: (text: string) => Count,
): Promise<Count> {
  await rm(report, { force: true })
  const code = await run(command, env)
  const count = await readFile(report, 'utf8').then(read, () => undefined)
  if (count && (count.failed > 0 || (count.passed > 0 && code === 0))) return count
  console.log(`${name} ended with ${code}, ${count ? 'though no test failed' : 'without a report'}.`)
  return { ...(count ?? oneFailed), failed: 1 }
}

function run([program = '', ...args]: string[], env: NodeJS.ProcessEnv): Promise<number | string> {
  const all = runsAll ? { PORTICO_TEST_ALL: '1' } : {}
  const path = `${join(root, 'node_modules/.bin')}${delimiter}${process.env.PATH}`
  const options = { cwd: root, stdio: 'inherit', env: { ...process.env, ...all, ...env, PATH: path } } as const
  return new Promise((resolve) => {
    spawn(program, args, options)
      .on('error', (error) => resolve(error.message))
      .on('close', (code, signal) => resolve(code ?? signal ?? 'no code'))
  })
}
