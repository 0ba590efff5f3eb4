import { asLoose, type Loose, listOf, type Path, type Refuse } from './loose.ts'

/** What an older API names must be there: clients that hold the grant it needs, and people. */
export function checkCompat({ compat, clients, users, community_id }: Loose, refuse: Refuse): void {
  const { circle, geolens, ordercloud } = asLoose(compat)
  const checkClient = (id: unknown, grant: string | undefined, path: Path) => {
    const client = listOf(clients).find(({ client_id }) => client_id === id)
    if (!client) return refuse(path, 'names no client')
    const grants: unknown[] = listOf(client.grant_types)
    if (grant !== undefined && !grants.includes(grant)) refuse(path, `names a client without the grant type ${grant}`)
  }
  if (circle) checkClient(asLoose(circle).client_id, 'urn:portico:grant-type:member', ['compat', 'circle', 'client_id'])
  if (circle && community_id === undefined)
    refuse(['community_id'], 'is needed to answer as Circle: its tokens name it')
  if (geolens) {
    const path = ['compat', 'geolens', 'client_id']
    const { client_id } = asLoose(geolens)
    checkClient(client_id, 'password', path)
    const named = listOf(clients).find((client) => client.client_id === client_id)
    if (named?.client_secret !== undefined) refuse(path, 'names a client with a secret, which no app of theirs sends')
  }
  for (const [id, settings] of Object.entries(asLoose(asLoose(ordercloud).clients))) {
    const path = ['compat', 'ordercloud', 'clients', id]
    const { default_context_user: name } = asLoose(settings)
    checkClient(id, name === undefined ? undefined : 'client_credentials', path)
    if (name !== undefined && !listOf(users).some(({ username }) => username === name))
      refuse([...path, 'default_context_user'], 'names no user')
  }
}
