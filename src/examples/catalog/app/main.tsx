import { AuthProvider } from '@portico/sdk/react'
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { BrowserRouter } from 'react-router'
import { App } from './app.tsx'
import { auth } from './auth.ts'
import { retryWhenSomebodyIsHere } from './queries.ts'
import './shop.css'

const queries = new QueryClient({ defaultOptions: { queries: { retry: 1, staleTime: 60_000 } } })
retryWhenSomebodyIsHere(queries)
const root = document.getElementById('app')
if (!root) throw new Error('The page has no #app element.')

createRoot(root).render(
  <StrictMode>
    <AuthProvider auth={auth}>
      <QueryClientProvider client={queries}>
        <BrowserRouter>
          <App />
        </BrowserRouter>
      </QueryClientProvider>
    </AuthProvider>
  </StrictMode>,
)
