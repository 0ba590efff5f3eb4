import { readdirSync } from 'node:fs'
import fastifyStatic from '@fastify/static'
import type { FastifyInstance } from 'fastify'

/** The portal's hashed assets under `/assets/`, and the few files browsers look for at the root. */
export async function addStaticFiles(app: FastifyInstance, portalFolder: string): Promise<void> {
  await app.register(fastifyStatic, { root: portalFolder, serve: false, index: false, preCompressed: true })
  app.get('/assets/:file', { logLevel: 'warn' }, (request, reply) => {
    const { file } = request.params as { file: string }
    return reply.sendFile(`assets/${file}`, { maxAge: '365d', immutable: true })
  })
  for (const file of rootFiles(portalFolder)) {
    app.get(`/${file}`, { logLevel: 'warn' }, (_request, reply) => reply.sendFile(file, { maxAge: '1d' }))
  }
}

function rootFiles(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /\.(svg|png|ico|txt|webmanifest)$/.test(entry.name))
    .map((entry) => entry.name)
}
