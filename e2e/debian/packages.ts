import { existsSync } from 'node:fs'
import { installDebianPackages } from '../browser.ts'

/** Packages of Debian by a file each of them brings. */
export type Packages = Record<string, string>

/**
 * Makes sure that packages are there, installing them where that may be done.
 *
 * @throws Error with one sentence that says what to install.
 */
export function needPackages(packages: Packages): void {
  const missing = () => Object.keys(packages).filter((name) => !existsSync(packages[name] ?? ''))
  if (missing().length > 0) installDebianPackages(missing(), 'Needed by the tests of Debian’s clients')
  if (missing().length === 0) return
  throw new Error(
    `These tests need packages of Debian that could not be installed: apt-get install ${missing().join(' ')}`,
  )
}
