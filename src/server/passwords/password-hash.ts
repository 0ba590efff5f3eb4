import type { Argon2Cost } from './argon2.ts'

/** A stored hash, read: it can be checked, and compared with what we would make today. */
export interface PasswordHash {
  verify(password: string): Promise<boolean>
  isWeakerThan(current: Argon2Cost): boolean
}
