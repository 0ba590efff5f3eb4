import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, type KeyObject } from 'node:crypto'
import { randomBytes } from './random-bytes.ts'

export interface Sealer {
  /** Encrypts and authenticates; `aad` is authenticated with it and has to be named again to open it. */
  seal(plain: Uint8Array | string, aad?: string): string
  /** `null` when it was sealed by nobody who knows a secret, for something else, or changed since. */
  open(sealed: string, aad?: string): Uint8Array | null
  /** Whether the newest secret sealed it; otherwise it should be sealed again before the old secret goes. */
  isCurrent(sealed: string): boolean
}

const version = 'v1'
const ivBytes = 12
const tagBytes = 16

/** Derives a key for one purpose (HKDF-SHA-256, RFC 5869); different purposes give unrelated keys. */
export function deriveKey(secret: string, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, 'portico', purpose, bytes))
}

/** AES-256-GCM under a key of this purpose: seals with the first secret, opens with any. */
export function createSealer(secrets: readonly string[], purpose: string): Sealer {
  const keys = secrets.map((secret) => ({
    id: deriveKey(secret, `${purpose} key id`, 4).toString('hex'),
    key: createSecretKey(deriveKey(secret, `${purpose} AES-256-GCM`, 32)),
  }))
  const [current] = keys
  if (!current) throw new Error('a sealer needs at least one secret')
  const prefix = `${version}.${current.id}.`
  return {
    seal: (plain, aad = '') => prefix + encrypt(current.key, plain, aad).toString('base64url'),
    open(sealed, aad = '') {
      const [sealedVersion, id, body, ...rest] = sealed.split('.')
      if (sealedVersion !== version || body === undefined || rest.length > 0) return null
      const key = keys.find((known) => known.id === id)?.key
      return key ? decrypt(key, Buffer.from(body, 'base64url'), aad) : null
    },
    isCurrent: (sealed) => sealed.startsWith(prefix),
  }
}

/** AES-256-GCM with a random nonce, which goes before the text, as the tag goes behind it. */
export function encrypt(key: KeyObject, plain: Uint8Array | string, aad = ''): Buffer {
  const iv = randomBytes(ivBytes)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(aad))
  const encrypted = typeof plain === 'string' ? cipher.update(plain, 'utf8') : cipher.update(plain)
  return Buffer.concat([iv, encrypted, cipher.final(), cipher.getAuthTag()])
}

/** `null` when it wasn't encrypted under this key, or changed since. */
export function decrypt(key: KeyObject, body: Buffer, aad = ''): Buffer | null {
  if (body.length < ivBytes + tagBytes) return null
  const decipher = createDecipheriv('aes-256-gcm', key, body.subarray(0, ivBytes), { authTagLength: tagBytes })
  decipher.setAAD(Buffer.from(aad)).setAuthTag(body.subarray(-tagBytes))
  try {
    return Buffer.concat([decipher.update(body.subarray(ivBytes, -tagBytes)), decipher.final()])
  } catch {
    return null
  }
}
