import type { LoadMetadata } from '../../wire/metadata.ts'
import type { BrowserEnvironment } from '../environment.ts'

/** How the portal can be asked who is there: in a hidden frame, by leaving this page, or from here not at all. */
export type Way = 'frame' | 'page' | 'nowhere'

/**
 * Finds the way on which the portal sees its own session.
 *
 * @throws {AuthError} when the issuer can't be reached.
 */
export async function findWay({
  env,
  loadMetadata,
}: {
  env: Pick<BrowserEnvironment, 'frames'>
  loadMetadata: LoadMetadata
}): Promise<Way> {
  const [{ authorizationEndpoint, postsAnswers }, { relationTo }] = await Promise.all([loadMetadata(), env.frames()])
  const relation = relationTo(authorizationEndpoint)
  // Inside somebody else's page the portal's session stays at home whichever way it is asked, and it may not be shown there.
  if (relation === 'embedded') return 'nowhere'
  return relation === 'same-site' && postsAnswers ? 'frame' : 'page'
}
