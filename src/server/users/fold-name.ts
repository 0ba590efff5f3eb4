/**
 * The one form under which a name is stored and looked up: trimmed, NFKC, case-folded, so that "Ada ", "ADA" and
 * full-width "ａｄａ" are the same person. Upper case first, as Unicode's folding does: ß and SS meet as ss.
 */
export function foldName(name: string): string {
  return name.trim().normalize('NFKC').toUpperCase().toLowerCase().normalize('NFKC')
}
