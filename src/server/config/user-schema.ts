import * as z from 'zod'
import { parsePasswordHash } from '../passwords/parse-password-hash.ts'

const Name = z
  .string()
  .max(200)
  .regex(/\S/, 'must not be empty')
  .regex(/^\P{Cc}*$/u, 'must not contain control characters')

const PasswordHash = z
  .string()
  .refine(
    (phc) => parsePasswordHash(phc) !== undefined,
    'is no hash this server can check: use a PHC string of argon2id, scrypt or PBKDF2, or bcrypt',
  )

/** A person who exists from the first start on; changing the file later changes nobody. */
export const UserConfig = z
  .strictObject({
    username: Name,
    email: z.email().max(254).optional(),
    email_verified: z.boolean().default(false),
    password: z.string().min(1).max(4000).optional(),
    password_hash: PasswordHash.optional(),
    name: Name.optional(),
    roles: z.array(z.string()).default([]),
    member_id: z.int().positive().optional(),
    sso_id: z.string().min(1).max(200).optional(),
    legal_entities: z.array(z.string().min(1)).default([]),
    guest_template: z.boolean().default(false),
  })
  .superRefine((user, context) => {
    const secrets = [user.password, user.password_hash].filter((secret) => secret !== undefined)
    if (secrets.length > 1)
      context.addIssue({ code: 'custom', path: ['password_hash'], message: 'and password exclude each other' })
    if (user.guest_template && secrets.length > 0) {
      context.addIssue({
        code: 'custom',
        path: ['guest_template'],
        message: 'a guest template never signs in: remove its password',
      })
    }
  })
export type UserConfig = z.infer<typeof UserConfig>
