import type { Profiler } from 'node:inspector'
import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ROOT } from './servers/child.ts'

const MOST_LINES = 20
/** These call us, the rest is called: what a query or a signature costs belongs to whoever asked for it. */
const FRAMEWORKS =
  /node_modules\/(oidc-provider|koa|koa-compose|@koa\/router|fastify|@fastify\/[\w-]+|find-my-way|avvio)\//

/** Where a process spent its CPU time: each sample counts for the innermost function of ours, or of a framework's package. */
export function summarizeProfile(taken: object): string {
  const { nodes, samples = [], timeDeltas = [] } = taken as Profiler.Profile
  const owners = ownersOf(nodes)
  const micros = new Map<string, number>()
  for (const [index, id] of samples.entries()) {
    const owner = owners.get(id) ?? ''
    micros.set(owner, (micros.get(owner) ?? 0) + (timeDeltas[index] ?? 0))
  }
  micros.delete('(idle)')
  const total = [...micros.values()].reduce((sum, value) => sum + value, 0)
  const dearest = [...micros].toSorted(([, a], [, b]) => b - a).slice(0, MOST_LINES)
  return dearest.map(([owner, spent]) => `  ${((spent / total) * 100).toFixed(1).padStart(5)} %  ${owner}`).join('\n')
}

function ownersOf(nodes: Profiler.ProfileNode[]): Map<number, string> {
  const owners = new Map<number, string>()
  const [root] = nodes
  const children = new Map(nodes.map(({ id, children: ids = [] }) => [id, ids]))
  const byId = new Map(nodes.map((node) => [node.id, node]))
  const visit = (id: number, inherited: string) => {
    const frame = byId.get(id)?.callFrame
    const owner = (frame && ownerOf(frame)) ?? inherited
    owners.set(id, owner)
    for (const child of children.get(id) ?? []) visit(child, owner)
  }
  if (root) visit(root.id, 'node')
  return owners
}

function ownerOf({ url, functionName }: Profiler.ProfileNode['callFrame']): string | undefined {
  if (url === '' && functionName.startsWith('(') && functionName !== '(root)') return functionName
  if (!url.startsWith('file:')) return undefined
  const path = relative(ROOT, fileURLToPath(url))
  if (path.startsWith('src/')) return `${path} ${functionName || '(anonymous)'}`
  return FRAMEWORKS.exec(path)?.[1]
}
