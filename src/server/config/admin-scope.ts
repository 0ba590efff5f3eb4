/** What an operator's own program asks for; no role, and never a person's. */
export const ADMIN_SCOPE = 'portico:admin'
