import type { PageState } from '../contract/page-state.ts'
import { problems } from './problem/problems.ts'

/** The document's title: what the page is, then in whose name. */
export function titleOf(state: PageState): string {
  const heading = headingOf(state)
  return state.tenant ? `${heading} · ${withoutControls(state.tenant.name)}` : heading
}

function headingOf(state: PageState): string {
  switch (state.page) {
    case 'sign-in':
      return 'Sign in'
    case 'consent':
      return 'Allow access'
    case 'leaving':
      return 'One moment'
    case 'sign-out':
      return 'Sign out'
    case 'signed-out':
      return 'Signed out'
    case 'problem':
      return problems[state.problem].title
  }
}

/** A title has no markup that could keep a name's direction to itself, so what would turn the rest around goes. */
function withoutControls(name: string): string {
  return name.replace(/[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '')
}
