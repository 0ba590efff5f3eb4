/** PHC strings use base64 without padding. */
export function base64Of(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}

/** Also reads the alphabet of some PBKDF2 writers, with `.` for `+`. */
export function bytesOf(base64: string): Buffer {
  return Buffer.from(base64.replaceAll('.', '+'), 'base64')
}
