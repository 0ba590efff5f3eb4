import type * as z from 'zod'
import { foldName } from '../users/fold-name.ts'
import { ADMIN_SCOPE } from './admin-scope.ts'
import { checkCompat } from './compat-references.ts'
import { asLoose, type Loose, listOf, type Path, type Refuse } from './loose.ts'

/** Rules between the parts of a tenant: nothing is named twice, nothing is referred to that isn't there. */
export function checkReferences(tenant: unknown, context: z.RefinementCtx): void {
  const refuse: Refuse = (path, message) => context.addIssue({ code: 'custom', path, message })
  const { roles, clients, users, webhooks, upstream, compat } = asLoose(tenant)
  checkUnique(valuesOf(clients, 'clients', 'client_id'), refuse)
  checkUnique(valuesOf(users, 'users', 'member_id'), refuse)
  checkUnique(valuesOf(users, 'users', 'sso_id'), refuse)
  checkUnique(valuesOf(webhooks, 'webhooks', 'url'), refuse)
  checkUnique(valuesOf(upstream, 'upstream', 'name'), refuse)
  checkFlows(listOf(upstream), refuse)
  checkNames(listOf(users), refuse)
  const known = listOf(roles)
  const heldByPeople = [
    ...rolesIn(users, 'users', ['roles']),
    ...rolesIn(upstream, 'upstream', ['roles']),
    ...rolesOfSignUp(compat),
  ]
  checkRoles(known, [...heldByPeople, ...rolesIn(clients, 'clients', ['min_roles'])], refuse)
  checkRoles([...known, ADMIN_SCOPE], rolesIn(clients, 'clients', ['max_roles']), refuse)
  checkTemplates(listOf(clients), listOf(users), refuse)
  checkCompat(asLoose(tenant), refuse)
}

function checkUnique(values: { value: unknown; path: Path }[], refuse: Refuse): void {
  const seen = new Set<unknown>()
  for (const { value, path } of values) {
    if (value === undefined) continue
    if (seen.has(value)) refuse(path, 'is used twice')
    seen.add(value)
  }
}

/** A provider's people come by code or by exchange: with both, what one of them refuses would come in by the other. */
function checkFlows(upstreams: Loose[], refuse: Refuse): void {
  const flows = new Map<unknown, unknown>()
  for (const [index, { issuer, flow = 'code' }] of upstreams.entries()) {
    const before = flows.get(issuer) ?? flow
    if (before !== flow)
      refuse(['upstream', index, 'flow'], `must be "${before}": this issuer is used that way already`)
    flows.set(issuer, before)
  }
}

/** A person may use their own address as username; another's name must stay theirs. */
function checkNames(users: Loose[], refuse: Refuse): void {
  const owners = new Map<string, number>()
  for (const [index, user] of users.entries()) {
    for (const key of ['username', 'email']) {
      const name = user[key]
      if (typeof name !== 'string') continue
      const owner = owners.get(foldName(name)) ?? index
      if (owner !== index) refuse(['users', index, key], `is already a name of users[${owner}]`)
      owners.set(foldName(name), owner)
    }
  }
}

function checkRoles(known: unknown[], used: { value: unknown; path: Path }[], refuse: Refuse): void {
  for (const { value, path } of used) {
    if (!known.includes(value)) refuse(path, "is not among the tenant's roles")
  }
}

function checkTemplates(clients: Loose[], users: Loose[], refuse: Refuse): void {
  for (const [index, client] of clients.entries()) {
    const name = asLoose(client.guest).template_user
    if (typeof name !== 'string') continue
    const isTemplate = users.some((user) => user.username === name && user.guest_template === true)
    if (!isTemplate) refuse(['clients', index, 'guest', 'template_user'], 'names no user with "guest_template": true')
  }
}

function valuesOf(list: unknown, listName: string, key: string): { value: unknown; path: Path }[] {
  return listOf(list).map((item, index) => ({ value: item[key], path: [listName, index, key] }))
}

function rolesIn(list: unknown, listName: string, keys: string[]): { value: unknown; path: Path }[] {
  return listOf(list).flatMap((item, index) =>
    keys.flatMap((key) => listOf(item[key]).map((value, at) => ({ value, path: [listName, index, key, at] }))),
  )
}

/** What whoever signs up through an older API may be. */
function rolesOfSignUp(compat: unknown): { value: unknown; path: Path }[] {
  const roles: unknown[] = listOf(asLoose(asLoose(asLoose(compat).emporix).signup).roles)
  return roles.map((value, index) => ({ value, path: ['compat', 'emporix', 'signup', 'roles', index] }))
}
