import { defineConfig } from 'tsdown'

export default defineConfig({
  entry: { index: 'browser/index.ts', react: 'react/index.ts', server: 'server/index.ts' },
  platform: 'neutral',
  target: 'es2022',
  dts: true,
  // `contract` speaks zod: bundled, so that the package has no dependency its users would notice.
  deps: { onlyBundle: ['zod'] },
})
