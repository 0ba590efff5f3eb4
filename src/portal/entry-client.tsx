import { hydrateRoot } from 'react-dom/client'
import { BrowserRouter } from 'react-router'
import { PageState } from '../contract/page-state.ts'
import { App } from './app.tsx'
import { hasCrashed } from './problem/crash-memory.ts'
import './ui/base.css'

const root = document.getElementById('root')
const embedded = document.getElementById('page-state')

// What can't be read is left as the server drew it: every page works without this script.
if (root && embedded && !hasCrashed()) {
  const state = PageState.safeParse(JSON.parse(embedded.textContent))
  if (state.success) hydrate(root, state.data)
}

function hydrate(container: HTMLElement, state: PageState): void {
  hydrateRoot(
    container,
    <BrowserRouter>
      <App initialState={state} />
    </BrowserRouter>,
  )
}
