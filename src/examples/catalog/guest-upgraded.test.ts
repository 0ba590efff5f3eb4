import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'

test('the lines the SDK’s README gives to copy are the ones that run here', async () => {
  const read = (path: string) => readFile(new URL(path, import.meta.url), 'utf8')
  const [lines, readme] = await Promise.all([read('guest-upgraded.ts'), read('../../sdk/README.md')])
  expect(readme).toContain(`\`\`\`ts\n${lines.trimEnd()}\n\`\`\``)
})
