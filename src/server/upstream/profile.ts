import * as z from 'zod'

const Text = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u)

/** Of what a provider says about a person, the part we may keep. What isn't usable counts as not said. */
const Claims = z.object({
  email: z.email().max(254).optional().catch(undefined),
  email_verified: z.unknown().optional(),
  name: Text.optional().catch(undefined),
  preferred_username: Text.optional().catch(undefined),
})

/** Who a person says they are at their provider. */
export interface Profile {
  email?: string | undefined
  /** The provider has seen to it that this address is theirs. */
  isEmailVerified: boolean
  name?: string | undefined
  username?: string | undefined
}

export function readProfile(claims: object): Profile {
  const { email, email_verified, name, preferred_username: username } = Claims.parse(claims)
  // Some providers write the word.
  const isVerified = email_verified === true || email_verified === 'true'
  return { email, isEmailVerified: email !== undefined && isVerified, name, username }
}
