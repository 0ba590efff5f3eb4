/** The error is one for all doors; this client's files know it by this name. */
export * from '../wire/auth-error.ts'
