import type { LightMyRequestResponse } from 'fastify'
import type { Everything } from './everything-on.ts'
import type { Operation, OperationRequest } from './operation.ts'
import type { TestApp } from './test-app.ts'
import { ORIGIN } from './test-config.ts'

export const TYPES = { form: 'application/x-www-form-urlencoded', json: 'application/json' }

/** What is sent otherwise than its fields make it. */
export interface Sent {
  method?: string
  query?: string
  body?: string
  type?: string
  headers?: Record<string, string>
}

export type Fields = Record<string, unknown>

/** An operation about to be asked for, with what it needs to succeed. */
export interface Asker {
  fields: Fields
  /** Its fields and what it reads besides. */
  names: string[]
  without(name: string): Fields
  ask(fields?: Fields, sent?: Sent): Promise<LightMyRequestResponse>
}

export async function startAsking(everything: Everything, operation: Operation): Promise<Asker> {
  const request = await operation.request(everything)
  const { fields } = request
  return {
    fields,
    names: [...new Set([...Object.keys(fields), ...(operation.alsoReads ?? [])])],
    without: (name) => Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name)),
    ask: (changed = fields, sent = {}) => send(everything.app, operation, { ...request, fields: changed }, sent),
  }
}

interface Changed extends Omit<OperationRequest, 'fields'> {
  fields: Fields
}

function send({ server }: TestApp, operation: Operation, { fields, headers }: Changed, sent: Sent) {
  const { fieldsIn } = operation
  const query = sent.query ?? (fieldsIn === 'query' ? asForm(fields) : '')
  const path = operation.url.replace(/:(\w+)/g, (_, name) => encodeURIComponent(String(fields[name] ?? '')))
  const type = sent.type ?? typeOf(fieldsIn)
  const payload = sent.body ?? bodyOf(fieldsIn, fields)
  return server.inject({
    method: (sent.method ?? operation.method) as Operation['method'],
    url: query === '' ? path : `${path}?${query}`,
    headers: { host: new URL(ORIGIN).host, ...(type && { 'content-type': type }), ...headers, ...sent.headers },
    ...(payload !== undefined && sent.method !== 'GET' && { payload }),
  })
}

function typeOf(fieldsIn: Operation['fieldsIn']): string | undefined {
  return fieldsIn === 'form' || fieldsIn === 'json' ? TYPES[fieldsIn] : undefined
}

function bodyOf(fieldsIn: Operation['fieldsIn'], fields: Fields): string | undefined {
  if (fieldsIn === 'form') return asForm(fields)
  return fieldsIn === 'json' ? JSON.stringify(fields) : undefined
}

export function asForm(fields: Fields): string {
  return new URLSearchParams(Object.entries(fields).map(([name, value]) => [name, String(value)])).toString()
}
