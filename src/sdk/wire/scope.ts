const scopeValue = /^[\x21\x23-\x5b\x5d-\x7e]+$/

/** Says what is wrong with a list of scope values (RFC 6749 section 3.3), as the rest of a sentence. */
export function scopeProblem(scope: unknown): string | undefined {
  if (!Array.isArray(scope)) return 'must be a list, for example ["profile", "Shopper"]'
  const wrong = scope.findIndex((value) => typeof value !== 'string' || !scopeValue.test(value))
  return wrong < 0 ? undefined : `holds ${JSON.stringify(scope[wrong])}, which is not one scope value`
}
