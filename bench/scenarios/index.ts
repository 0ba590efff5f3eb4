import { ceiling, guest, guestWithDpop } from './guest.ts'
import { guestRefresh } from './guest-refresh.ts'
import { introspection } from './introspection.ts'
import { refresh, refreshWithDpop } from './refresh.ts'
import type { Scenario } from './scenario.ts'
import { signIn, signInWithPage } from './sign-in.ts'

/** In the order of the table. */
export const scenarios: readonly Scenario[] = [
  guest,
  guestWithDpop,
  ceiling,
  guestRefresh,
  refresh,
  refreshWithDpop,
  introspection,
  signIn,
  signInWithPage,
]
