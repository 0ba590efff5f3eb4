import { currentCost, hashArgon2, impossibleArgon2 } from './argon2.ts'
import { createBoundedQueue } from './bounded-queue.ts'
import { parsePasswordHash } from './parse-password-hash.ts'
import type { Argon2Cost } from './password-hash.ts'

export interface PasswordHasher {
  /** @throws PasswordQueueFull */
  hash(password: string): Promise<string>
  /**
   * Checks a password against a PHC string; with `null` (nobody has this name) it takes as long and says no.
   * `rehash`: it fits, and a stronger hash should replace the stored one. `atTurn` runs when its turn has come, right
   * before the check, which what it throws prevents.
   * @throws PasswordQueueFull
   */
  verify(phc: string | null, password: string, atTurn?: () => Promise<void>): Promise<{ ok: boolean; rehash: boolean }>
  stats(): { running: number; queued: number }
}

export interface PasswordHasherOptions {
  /** Hashes computed at once. Each holds 19 MiB and one thread. */
  concurrency?: number
  /** Hashes that may wait. */
  maxQueued?: number
  cost?: Argon2Cost
}

/** Hashes passwords with Argon2id, a few at a time, and refuses work it could only do late. */
export function createPasswordHasher(options: PasswordHasherOptions = {}): PasswordHasher {
  const { concurrency = 2, maxQueued = 64, cost = currentCost } = options
  const queue = createBoundedQueue({ concurrency, maxQueued })
  const nobody = impossibleArgon2(cost)
  return {
    hash: (password) => queue.run(() => hashArgon2(asTyped(password), cost)),
    verify: (phc, password, atTurn) =>
      queue.run(async () => {
        await atTurn?.()
        const hash = parsePasswordHash(phc ?? nobody) ?? parsePasswordHash(nobody)
        const ok = hash !== undefined && (await hash.verify(asTyped(password)))
        return { ok, rehash: ok && hash.isWeakerThan(cost) }
      }),
    stats: () => ({ running: queue.running(), queued: queue.queued() }),
  }
}

/** One keyboard sends é as one code point, another as two: NFC makes them the same (RFC 8265 section 4.2.2). */
function asTyped(password: string): string {
  return password.normalize('NFC')
}
