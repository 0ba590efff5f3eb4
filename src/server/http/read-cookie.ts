/** The value of one cookie in a `Cookie` header, as it was sent. */
export function readCookie(header: string | undefined, name: string): string | undefined {
  const pairs = (header ?? '').split('; ').map((pair) => pair.split('='))
  return pairs
    .find(([key]) => key === name)
    ?.slice(1)
    .join('=')
}
