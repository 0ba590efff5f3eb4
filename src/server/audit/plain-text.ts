const longest = 500

/** Control characters, line and paragraph separators, and marks that reorder text on a terminal. */
const unprintable = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/gu

/** Text from outside as one line that can't pretend to be another entry: unprintable characters as `\u{…}`, cut when long. */
export function plainText(value: string): string {
  const cut = value.length > longest ? `${value.slice(0, longest)}…` : value
  return cut.toWellFormed().replaceAll(unprintable, (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`)
}
