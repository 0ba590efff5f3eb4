import type * as z from 'zod'
import { CompatRefused } from './refusal.ts'

/** Parses what was sent; names what is unknown are overlooked. @throws {CompatRefused} that names each wrong field */
export function readFields<Schema extends z.ZodType>(schema: Schema, sent: unknown): z.output<Schema> {
  const parsed = schema.safeParse(sent)
  if (parsed.success) return parsed.data
  const problems = parsed.error.issues.map(({ path, message }) => ({ field: path.join('.'), message }))
  const detail = problems.map(({ field, message }) => `${field}: ${message}`).join('; ')
  throw new CompatRefused('fields-invalid', detail, { fields: problems })
}
