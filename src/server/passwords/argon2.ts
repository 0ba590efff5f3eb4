import { argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'
import { base64Of, bytesOf } from './base64.ts'
import type { Argon2Cost, PasswordHash } from './password-hash.ts'

const derive = promisify(argon2)

/** OWASP's first choice for Argon2id: 19 MiB, two passes, one lane. */
export const currentCost: Argon2Cost = { memoryKiB: 19_456, passes: 2, lanes: 1 }

const tagBytes = 32
const saltBytes = 16
/** An imported hash may not ask for more than this: its owner would only have to sign in to stop the server. */
const most: Argon2Cost = { memoryKiB: 262_144, passes: 20, lanes: 16 }

/** Hashes with Argon2id (RFC 9106) under a salt of its own. */
export async function hashArgon2(password: string, cost: Argon2Cost): Promise<string> {
  const nonce = randomBytes(saltBytes)
  const tag = await derive('argon2id', { message: password, nonce, tagLength: tagBytes, ...nodeCost(cost) })
  return phcOf(cost, nonce, tag)
}

/** A hash that fits no password and costs as much to check as a real one. */
export function impossibleArgon2(cost: Argon2Cost): string {
  return phcOf(cost, randomBytes(saltBytes), randomBytes(tagBytes))
}

const pattern =
  /^\$(?<algorithm>argon2id|argon2i|argon2d)\$v=19\$m=(?<m>\d{1,7}),t=(?<t>\d{1,3}),p=(?<p>\d{1,3})\$(?<salt>[A-Za-z0-9+/]{11,86})\$(?<tag>[A-Za-z0-9+/]{16,86})$/

export function parseArgon2(phc: string): PasswordHash | undefined {
  const parts = pattern.exec(phc)?.groups
  if (!parts) return undefined
  const cost = { memoryKiB: Number(parts.m), passes: Number(parts.t), lanes: Number(parts.p) }
  if (cost.memoryKiB < 8 * cost.lanes || cost.passes < 1 || cost.lanes < 1) return undefined
  if (cost.memoryKiB > most.memoryKiB || cost.passes > most.passes || cost.lanes > most.lanes) return undefined
  const algorithm = parts.algorithm as 'argon2id' | 'argon2i' | 'argon2d'
  const [nonce, tag] = [bytesOf(parts.salt ?? ''), bytesOf(parts.tag ?? '')]
  return {
    isWeakerThan: (current) => algorithm !== 'argon2id' || isBelow({ cost, nonce, tag }, current),
    verify: async (password) => {
      const found = await derive(algorithm, { message: password, nonce, tagLength: tag.length, ...nodeCost(cost) })
      return timingSafeEqual(found, tag)
    },
  }
}

function isBelow({ cost, nonce, tag }: { cost: Argon2Cost; nonce: Buffer; tag: Buffer }, current: Argon2Cost): boolean {
  const isCheaper = cost.memoryKiB < current.memoryKiB || cost.passes < current.passes || cost.lanes < current.lanes
  return isCheaper || nonce.length < saltBytes || tag.length < tagBytes
}

function nodeCost({ memoryKiB, passes, lanes }: Argon2Cost) {
  return { memory: memoryKiB, passes, parallelism: lanes }
}

function phcOf({ memoryKiB, passes, lanes }: Argon2Cost, salt: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${base64Of(salt)}$${base64Of(tag)}`
}
