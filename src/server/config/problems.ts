import type * as z from 'zod'

/** Something to correct, and where. */
export interface Problem {
  path: string
  message: string
}

/** `tenants.demo.clients[0].redirect_uris[1]` */
export function pathText(path: readonly PropertyKey[]): string {
  const text = path.map((step) => (typeof step === 'number' ? `[${step}]` : `.${String(step)}`)).join('')
  return text.replace(/^\./, '')
}

/** An unknown key is a problem of its own, under its own path. */
export function problemsOf(error: z.ZodError): Problem[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({ path: pathText([...issue.path, key]), message: 'is not a known key' }))
    }
    if (issue.code === 'invalid_key')
      return [{ path: pathText(issue.path), message: issue.issues[0]?.message ?? issue.message }]
    return [{ path: pathText(issue.path), message: issue.message }]
  })
}

/** Zod's words where they are for programmers, ours for the person who edits the file. Never quotes a value. */
export const inWords: z.core.$ZodErrorMap = (issue) => {
  if (issue.code === 'invalid_type') {
    return issue.input === undefined ? 'is missing' : `must be ${kinds[issue.expected] ?? `a ${issue.expected}`}`
  }
  if (issue.code === 'invalid_value')
    return `must be one of ${issue.values.map((value) => `"${String(value)}"`).join(', ')}`
  return undefined
}

const kinds: Record<string, string> = {
  array: 'a list',
  object: 'an object',
  record: 'an object',
  int: 'a whole number',
  boolean: 'true or false',
}
