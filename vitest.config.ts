import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'server',
          include: ['src/server/**/*.test.ts', 'src/contract/**/*.test.ts'],
          environment: 'node',
          globalSetup: ['src/server/store/test/postgres.ts'],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'sdk',
          include: ['src/sdk/**/*.test.{ts,tsx}'],
          exclude: ['**/node_modules/**', '**/dist/**'],
          environment: 'node',
        },
      },
      {
        test: {
          name: 'examples',
          include: ['src/examples/**/*.test.ts'],
          environment: 'node',
        },
      },
      {
        test: {
          name: 'portal',
          include: ['src/portal/**/*.test.{ts,tsx}'],
          environment: 'node',
        },
      },
    ],
  },
})
