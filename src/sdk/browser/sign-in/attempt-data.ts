/** What an attempt remembers besides the protocol's own. */
export interface AttemptData {
  /** Where to end: path, query and hash. */
  returnTo: string
  /** Whether it replaces an attempt whose answer was lost; a second loss is told instead. */
  isRestart: boolean
  /** Whether it must show no page, when begun anew too. */
  isSilent: boolean
}

/** Reads what was written down, `{ data: AttemptData }`; undefined when it isn't that. */
export function readAttemptData(text: string): AttemptData | undefined {
  try {
    const { data } = JSON.parse(text)
    return typeof data.returnTo === 'string' && typeof data.isRestart === 'boolean' ? data : undefined
  } catch {
    return undefined
  }
}
