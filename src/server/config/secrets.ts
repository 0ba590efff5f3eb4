/** What makes a text too weak for a secret, or nothing. */
export function secretWeakness(
  secret: string,
  { characters, hex }: { characters: number; hex: number },
): string | undefined {
  const least = /^[0-9a-f]+$/i.test(secret) ? hex : characters
  if (secret.length < least)
    return `is too short: at least ${characters} random characters (or ${hex} hexadecimal ones)`
  // Random text of this length practically never repeats so few characters; "changeme" sixteen times does.
  if (new Set(secret).size < 8) return 'repeats a few characters: use random ones'
  return undefined
}
