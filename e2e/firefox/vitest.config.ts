import { defineConfig } from 'vitest/config'

// One browser at a time: each is a machine full of processes.
export default defineConfig({
  root: import.meta.dirname,
  test: {
    name: 'firefox',
    include: ['*.test.ts'],
    environment: 'node',
    testTimeout: 90_000,
    hookTimeout: 90_000,
    fileParallelism: false,
  },
})
