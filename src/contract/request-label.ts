import * as z from 'zod/mini'

/** Header in which a caller names its request, to find it again in the server's log. */
export const requestLabelHeader = 'x-request-label'

/** A name that is safe to write down anywhere: up to 64 letters, digits and `._:/#-`, without spaces. */
export const RequestLabel = z.string().check(z.regex(/^[\w.:/#-]{1,64}$/))
export type RequestLabel = z.infer<typeof RequestLabel>
