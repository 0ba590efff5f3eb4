import type { LightMyRequestResponse } from 'fastify'
import { expect } from 'vitest'
import type { Operation } from './operation.ts'

/** Whatever was asked: no failure of ours, nothing of our insides, and a refusal in the form that its clients expect. */
export function expectSane({ isRefusal, fieldsIn }: Operation, response: LightMyRequestResponse, what: string): void {
  expect(response.statusCode, what).toBeLessThan(500)
  expect(response.body, what).not.toMatch(/\bat .+:\d+:\d+|node_modules|\.ts\b|SQLITE|FST_ERR/)
  expect(response.headers['set-cookie'], what).toBeUndefined()
  if (response.statusCode < 400) return
  expect(response.headers, what).toMatchObject({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' })
  // At most what was sent: a refused scope is named.
  expect(response.body.length, what).toBeLessThan(5_000)
  // What the router can't read reaches no route, and so no envelope.
  const isUnreadable = fieldsIn === 'path' && String(response.headers['content-type']).startsWith('application/problem')
  if (!isUnreadable) expect(isRefusal(response.json()), `${what}: ${response.body}`).toBe(true)
}

/** A sane answer that gives nothing. */
export function expectRefused(
  operation: Operation,
  response: LightMyRequestResponse,
  { what, status }: { what: string; status?: number },
): void {
  expectSane(operation, response, what)
  expect(response.statusCode, what).toBeGreaterThanOrEqual(400)
  if (status !== undefined) expect(response.statusCode, what).toBe(status)
  expect(response.json(), what).not.toHaveProperty('access_token')
  expect(response.body, what).not.toMatch(/eyJ/)
}
