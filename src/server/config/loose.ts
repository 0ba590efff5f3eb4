/** Checks between parts run beside other problems, so everything in them may have any shape. */
export type Loose = Record<string, unknown>

export type Path = (string | number)[]

/** Tells of something to correct. */
export type Refuse = (path: Path, message: string) => void

export function asLoose(value: unknown): Loose {
  return typeof value === 'object' && value !== null ? (value as Loose) : {}
}

export function listOf(value: unknown): Loose[] {
  return Array.isArray(value) ? value : []
}
