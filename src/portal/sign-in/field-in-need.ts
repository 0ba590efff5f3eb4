import type { SignInPage } from '../../contract/page-state.ts'

/** Where the cursor belongs: in the first field the person has to do something about. */
export function fieldInNeed({ username, error }: SignInPage): 'username' | 'password' {
  return username === '' || error?.code === 'missing-username' ? 'username' : 'password'
}
