import type { TokenDialect } from '../../engine/grants/token-dialect.ts'

/** A visit may be renewed by its last access token, which therefore has to say when it ends for good. */
export const emporixDialect: TokenDialect = {
  accessTokenClaims: ({ visitEnd }) => (visitEnd === undefined ? {} : { visit_end: Math.floor(visitEnd / 1000) }),
}
