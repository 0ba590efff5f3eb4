import { calculateJwkThumbprint, exportJWK, generateKeyPair, type JWK } from 'jose'
import { writeAudit } from '../audit/audit.ts'
import { StartError } from '../start-error.ts'
import type { Db, Store } from '../store/store.ts'
import type { TenantKeyRow } from '../store/tables.ts'
import { insertTenantKey, listTenantKeys, resealTenantKey } from '../store/tenant-keys.ts'
import type { Sealer } from './sealing.ts'

type Alg = TenantKeyRow['alg']
const algs: Alg[] = ['ES256', 'RS256']

/** A private signing key as a JWK (RFC 7517); `kid` is its RFC 7638 thumbprint. */
export type SigningJwk = JWK & { kid: string; alg: Alg; use: 'sig' }

/**
 * Loads a tenant's signing keys, making them at its first start; nodes that start at once end with the same ones.
 * @throws StartError when PORTICO_SECRET isn't the one they were sealed with.
 */
export async function loadTenantKeys(store: Store, sealer: Sealer, tenant: string, now: number): Promise<SigningJwk[]> {
  const stored = await listTenantKeys(store.db, tenant)
  if (missingAlgs(stored).length > 0) await createMissing(store, sealer, tenant, now)
  const rows = await listTenantKeys(store.db, tenant)
  await Promise.all(rows.filter((row) => !sealer.isCurrent(row.sealed_jwk)).map((row) => reseal(store, sealer, row)))
  return rows.map((row) => openKey(sealer, row))
}

async function createMissing(store: Store, sealer: Sealer, tenant: string, now: number): Promise<void> {
  // Made before the lock is taken: an RSA key takes a moment, and the loser of a race merely throws its own away.
  const made = await Promise.all(algs.map(generate))
  await store.exclusive(`keys of ${tenant}`, async (tx) => {
    const missing = missingAlgs(await listTenantKeys(tx, tenant))
    for (const jwk of made.filter(({ alg }) => missing.includes(alg))) await insertKey(tx, sealer, tenant, jwk, now)
  })
}

async function insertKey(tx: Db, sealer: Sealer, tenant: string, jwk: SigningJwk, now: number): Promise<void> {
  const { kid, alg } = jwk
  const sealed_jwk = sealer.seal(JSON.stringify(jwk), boundTo({ tenant, kid }))
  await insertTenantKey(tx, { tenant, kid, alg, sealed_jwk, created_at: now })
  await writeAudit(tx, { tenant, event: 'key.created', detail: { kid, alg } }, now)
}

function missingAlgs(rows: TenantKeyRow[]): Alg[] {
  return algs.filter((alg) => !rows.some((row) => row.alg === alg))
}

async function generate(alg: Alg): Promise<SigningJwk> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true, modulusLength: 2048 })
  const jwk = await exportJWK(privateKey)
  return { ...jwk, kid: await calculateJwkThumbprint(jwk), alg, use: 'sig' }
}

/** Once every key is sealed with the new secret, the old one can be dropped from PORTICO_SECRET. */
async function reseal(store: Store, sealer: Sealer, row: TenantKeyRow): Promise<void> {
  const sealed = sealer.seal(JSON.stringify(openKey(sealer, row)), boundTo(row))
  await resealTenantKey(store.db, row, sealed)
}

function openKey(sealer: Sealer, row: TenantKeyRow): SigningJwk {
  const opened = sealer.open(row.sealed_jwk, boundTo(row))
  if (!opened) {
    throw new StartError(
      `The keys of tenant "${row.tenant}" were sealed with another PORTICO_SECRET: start with that one, or with "new,old" to replace it.`,
    )
  }
  return JSON.parse(Buffer.from(opened).toString())
}

/** A sealed key moved to another row doesn't open. */
function boundTo({ tenant, kid }: Pick<TenantKeyRow, 'tenant' | 'kid'>): string {
  return `${tenant} ${kid}`
}
