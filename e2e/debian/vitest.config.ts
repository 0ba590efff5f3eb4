import { defineConfig } from 'vitest/config'

export default defineConfig({
  root: import.meta.dirname,
  test: {
    name: 'debian',
    include: ['*.test.ts'],
    environment: 'node',
    testTimeout: 60_000,
    // Packages may have to be installed first.
    hookTimeout: 300_000,
    fileParallelism: false,
  },
})
