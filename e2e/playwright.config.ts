import { defineConfig } from '@playwright/test'
import { installedBrowser } from './browser.ts'

const executablePath = installedBrowser()

// Containers have no GPU and run as root; and the tests' browser talks to loopback, to nobody else.
const args = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

export default defineConfig({
  testDir: '.',
  testMatch: '**/*.spec.ts',
  outputDir: '../test-results/e2e',
  timeout: 30_000,
  workers: 2,
  retries: 0,
  forbidOnly: true,
  reporter: [['list'], ['json', { outputFile: '../test-results/e2e.json' }]],
  ...(process.env.PORTICO_TEST_ALL ? {} : { grepInvert: /@long/ }),
  use: {
    browserName: 'chromium',
    trace: 'retain-on-failure',
    launchOptions: { args, ...(executablePath ? { executablePath } : {}) },
  },
})
