import { Worker } from 'node:worker_threads'
import { truncates } from 'bcryptjs'
import type { PasswordHash } from './password-hash.ts'

const mostRounds = 15

const pattern = /^\$2[aby]\$(?<rounds>\d{2})\$[./A-Za-z0-9]{53}$/

/** Reads a bcrypt hash, for people who come from another system. */
export function parseBcrypt(phc: string): PasswordHash | undefined {
  const rounds = Number(pattern.exec(phc)?.groups?.rounds)
  if (!(rounds >= 4 && rounds <= mostRounds)) return undefined
  return {
    isWeakerThan: () => true,
    // bcrypt reads 72 bytes: of a longer password it can't say whether the rest is right, so the answer is no.
    verify: async (password) => !truncates(password) && verifyInWorker(password, phc),
  }
}

/** bcryptjs is plain JavaScript; on the main thread one check would stop every other request for a quarter second. */
function verifyInWorker(password: string, hash: string): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./bcrypt-worker.ts', import.meta.url), { workerData: { password, hash } })
    worker.once('message', resolve)
    worker.once('error', reject)
  })
}
