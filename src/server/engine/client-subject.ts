const PREFIX = 'client:'

/**
 * The subject of an app that acts for itself. People are random UUIDs, which have no colon, so that neither can ever be
 * taken for the other, whatever a client is called (RFC 9700 section 4.15).
 */
export function clientSubject(clientId: string): string {
  return PREFIX + clientId
}

export function isClientSubject(subject: string): boolean {
  return subject.startsWith(PREFIX)
}
