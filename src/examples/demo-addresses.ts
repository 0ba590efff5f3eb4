/** Where the demo lives: the portal on one port, each example on one of the next. */
export function demoAddresses(env: NodeJS.ProcessEnv) {
  const port = Number(env.PORTICO_DEMO_PORT ?? 3000)
  return {
    portal: { port, origin: `http://localhost:${port}`, issuer: `http://localhost:${port}/demo` },
    catalog: {
      port: port + 1,
      origin: `http://localhost:${port + 1}`,
      otherSite: `http://shop.localhost:${port + 1}`,
      webhook: `http://localhost:${port + 1}/webhooks/portico`,
    },
    orders: {
      port: port + 2,
      origin: `http://localhost:${port + 2}`,
      otherSite: `http://shop.localhost:${port + 2}`,
    },
    legacy: {
      port: port + 3,
      origin: `http://localhost:${port + 3}`,
      otherSite: `http://shop.localhost:${port + 3}`,
    },
    audience: 'https://api.demo.test',
    dataFolder: env.PORTICO_DEMO_DATA ?? 'data',
  }
}
