import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { useState } from 'react'
import { Route, Routes } from 'react-router'
import type { PageState } from '../contract/page-state.ts'
import { CurrentPage, LivePage } from './current-page.tsx'
import { paths } from './paths.ts'
import { ErrorBoundary } from './problem/error-boundary.tsx'

/** The whole portal, on the server and in the browser. */
export function App({ initialState }: { initialState: PageState }) {
  const [queryClient] = useState(() => new QueryClient())
  return (
    <QueryClientProvider client={queryClient}>
      <ErrorBoundary page={initialState}>
        <Routes>
          <Route path={paths.interaction.pattern} element={<LivePage initialState={initialState} />} />
          <Route path={paths.signOut.pattern} element={<LivePage initialState={initialState} />} />
          <Route path="*" element={<CurrentPage initialState={initialState} />} />
        </Routes>
      </ErrorBoundary>
    </QueryClientProvider>
  )
}
