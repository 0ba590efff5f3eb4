import * as z from 'zod'

// Keys whose features come later: their shape is fixed and checked, and `not-yet.ts` refuses their use.

export const Mail = z.strictObject({ smtp: z.url({ protocol: /^smtps?$/ }), from: z.string().min(3) })
