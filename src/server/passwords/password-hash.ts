/** What one Argon2 hash costs. */
export interface Argon2Cost {
  memoryKiB: number
  passes: number
  lanes: number
}

/** A stored hash, read: it can be checked, and compared with what we would make today. */
export interface PasswordHash {
  verify(password: string): Promise<boolean>
  isWeakerThan(current: Argon2Cost): boolean
}
