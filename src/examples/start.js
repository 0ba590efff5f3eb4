// Plain JavaScript, so that an older Node can still read the sentence below.
const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 24) {
  process.stderr.write(
    `Portico needs Node 24 or newer and this is ${process.versions.node}: start it with "npm start", which brings its own.\n`,
  )
  process.exit(1)
}
const { startDemo } = await import('./start-demo.ts')
await startDemo(process.env)
