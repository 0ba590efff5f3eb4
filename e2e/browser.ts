import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { homedir } from 'node:os'
import { delimiter, join } from 'node:path'
import { chromium } from '@playwright/test'

const names = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const folders = ['/usr/bin', '/usr/local/bin', '/snap/bin', '/opt/google/chrome', '/opt/homebrew/bin']
const macApps = ['Chromium', 'Google Chrome'].flatMap((app) =>
  ['/Applications', join(homedir(), 'Applications')].map((folder) => `${folder}/${app}.app/Contents/MacOS/${app}`),
)
const downloadLimitMs = 240_000

/**
 * A Chromium that starts: the one of PORTICO_CHROMIUM, else an installed one, else Playwright's, else Debian's package.
 * @throws Error with one sentence that says what to install.
 */
export function findBrowser(): string {
  const browser = installedBrowser() ?? downloadBrowser() ?? installDebianBrowser()
  if (browser) return browser
  throw new Error(
    'The browser tests found no Chromium and could not fetch one: install Chromium or Google Chrome, or name one in PORTICO_CHROMIUM.',
  )
}

/** Looks without changing anything. */
export function installedBrowser(): string | undefined {
  const named = process.env.PORTICO_CHROMIUM
  if (named && !starts(named)) throw new Error(`PORTICO_CHROMIUM names ${named}, which is no browser that starts.`)
  if (named) return named
  const searched = [...(process.env.PATH ?? '').split(delimiter), ...folders]
  const candidates = searched.flatMap((folder) => names.map((name) => join(folder, name)))
  return [...candidates, ...macApps, chromium.executablePath()].find(starts)
}

function downloadBrowser(): string | undefined {
  say('No installed Chromium found: Playwright downloads its own (some minutes at most).')
  run('playwright', ['install', '--no-shell', 'chromium'], { PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: '10000' })
  return [chromium.executablePath()].find(starts)
}

function installDebianBrowser(): string | undefined {
  installDebianPackages(['chromium'], 'The download did not work')
  return ['/usr/bin/chromium'].find(starts)
}

/**
 * A Firefox that starts: the one of PORTICO_FIREFOX, else an installed one, else Debian's package.
 * @throws Error with one sentence that says what to install.
 */
export function findFirefox(): string {
  const named = process.env.PORTICO_FIREFOX
  if (named && !starts(named)) throw new Error(`PORTICO_FIREFOX names ${named}, which is no browser that starts.`)
  const firefox = named ?? installedFirefox() ?? installDebianFirefox()
  if (firefox) return firefox
  throw new Error(
    'The Firefox tests found no Firefox and could not install one: install Firefox (Debian: apt-get install firefox-esr), or name one in PORTICO_FIREFOX.',
  )
}

function installedFirefox(): string | undefined {
  return ['firefox-esr', 'firefox'].flatMap((name) => folders.map((folder) => join(folder, name))).find(starts)
}

function installDebianFirefox(): string | undefined {
  installDebianPackages(['firefox-esr'], 'No installed Firefox found')
  return installedFirefox()
}

/** Asks for more than existence: Ubuntu's `chromium-browser` may be a note about a snap, a download may lack libraries. */
function starts(path: string): boolean {
  return existsSync(path) && spawnSync(path, ['--version'], { stdio: 'ignore', timeout: 10_000 }).status === 0
}

/** Installs packages of the system where that may be done; whoever needs them looks whether they are there. */
export function installDebianPackages(packages: string[], reason: string): void {
  if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) return
  say(`${reason}: installing the system's package (apt-get install ${packages.join(' ')}).`)
  const quietly = { DEBIAN_FRONTEND: 'noninteractive' }
  run('apt-get', ['update', '-qq'], quietly)
  run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], quietly)
}

/** Their errors are pages of traces; what matters is whether a browser is there afterwards. */
function run(program: string, args: string[], env: NodeJS.ProcessEnv): void {
  spawnSync(program, args, {
    stdio: 'ignore',
    timeout: downloadLimitMs,
    env: { ...process.env, ...env },
  })
}

function say(sentence: string): void {
  console.log(sentence)
}
