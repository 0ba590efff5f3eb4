import { Component, type ReactNode } from 'react'
import type { PageState } from '../../contract/page-state.ts'
import { rememberCrash } from './crash-memory.ts'
import { ProblemPage } from './problem-page.tsx'

interface Props {
  /** Whose page failed. */
  page: PageState
  children: ReactNode
}

/** Shows the problem page when drawing fails; reloading then gives the page as the server draws it. */
export class ErrorBoundary extends Component<Props, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override componentDidCatch() {
    rememberCrash()
  }

  override render() {
    if (!this.state.failed) return this.props.children
    const { page } = this.props
    const client = 'client' in page ? page.client : undefined
    const restart = window.location.pathname + window.location.search
    return (
      <ProblemPage
        state={{ page: 'problem', problem: 'failed', tenant: page.tenant, client, restart, requestId: '' }}
      />
    )
  }
}
