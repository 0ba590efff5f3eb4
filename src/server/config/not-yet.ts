type Value = unknown

interface NotYet {
  /** `*` stands for every tenant or list entry. */
  path: string
  feature: string
  /** Whether this value asks for the feature. */
  asks(value: Value): boolean
}

const isGiven = (value: Value) => value !== undefined
const isFilled = (value: Value) => typeof value === 'object' && value !== null && Object.keys(value).length > 0
const isNot = (harmless: Value) => (value: Value) => value !== undefined && value !== harmless

/** Keys of features that come later. They are refused, so that nobody relies on what isn't done. */
export const notYet: NotYet[] = [
  { path: 'tenants.*.registration', feature: 'Creating accounts on the portal', asks: isNot('closed') },
  { path: 'tenants.*.locales.*', feature: 'Any language but English', asks: isNot('en') },
  { path: 'tenants.*.theme', feature: 'A theme of your own', asks: isFilled },
  { path: 'tenants.*.clients.*.logo_uri', feature: 'Showing logos', asks: isGiven },
]

/** Every use of a key whose feature isn't there, with its path. */
export function findNotYet(file: unknown): { path: (string | number)[]; message: string }[] {
  return notYet.flatMap(({ path, feature, asks }) =>
    entriesAt(file, path.split('.'))
      .filter((entry) => asks(entry.value))
      .map((entry) => ({ path: entry.path, message: `${feature} is not available yet: remove this key` })),
  )
}

interface Entry {
  path: (string | number)[]
  value: Value
}

function entriesAt(value: Value, [step, ...rest]: string[], path: (string | number)[] = []): Entry[] {
  if (step === undefined) return [{ path, value }]
  if (typeof value !== 'object' || value === null) return []
  const keys = step === '*' ? Object.keys(value) : [step]
  return keys.flatMap((key) => {
    const name = Array.isArray(value) ? Number(key) : key
    return entriesAt((value as Record<string, Value>)[key], rest, [...path, name])
  })
}
