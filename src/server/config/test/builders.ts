/** Long enough, and random. */
export const aSecret = 'q7Zk1mVx9TtR4bNw8sLc2yHd6fGj3pQa'

export const anEnvironment = { PORTICO_SECRET: aSecret }

type Keys = Record<string, unknown>

export function aClient(overrides: Keys = {}): Keys {
  return { client_id: 'catalog', redirect_uris: ['http://localhost:3001/callback'], ...overrides }
}

export function aPerson(overrides: Keys = {}): Keys {
  return { username: 'ada', password: 'correct horse battery staple', ...overrides }
}

export function aWebhook(overrides: Keys = {}): Keys {
  return { url: 'https://shop.example/events', secret: `whsec_${aSecret}`, events: ['guest.upgraded'], ...overrides }
}

export function aTenant(overrides: Keys = {}): Keys {
  return { name: 'Demo Store', clients: [aClient()], users: [aPerson()], ...overrides }
}

export function aConfigFile(overrides: Keys = {}): Keys {
  return { origin: 'http://localhost:3000', tenants: { demo: aTenant() }, ...overrides }
}
