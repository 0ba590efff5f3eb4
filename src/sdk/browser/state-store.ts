import { type AuthIdentity, type AuthState, loadingState } from './auth-state.ts'

/** Holds the current {@link AuthState} and tells listeners when it changes. */
export interface StateStore {
  getState(): AuthState
  subscribe(listener: () => void): () => void
  /** Replaces who is here; a snapshot that says the same changes nothing. */
  setIdentity(identity: AuthIdentity): void
  setRefreshing(isRefreshing: boolean): void
}

/** Makes a store that starts as `loading`. */
export function createStateStore(): StateStore {
  let state = loadingState
  const listeners = new Set<() => void>()

  const publish = (next: AuthState) => {
    if (isSame(state, next)) return
    state = freeze(next)
    for (const listener of [...listeners]) listener()
  }

  return {
    getState: () => state,
    subscribe(listener) {
      // Wrapped, so that subscribing the same function twice is two subscriptions.
      const own = () => listener()
      listeners.add(own)
      return () => void listeners.delete(own)
    },
    setIdentity: (identity) => publish({ ...identity, isRefreshing: state.isRefreshing }),
    setRefreshing: (isRefreshing) => publish({ ...state, isRefreshing }),
  }
}

function isSame(a: AuthState, b: AuthState): boolean {
  if (a.status === 'error' && b.status === 'error' && a.error !== b.error) return false
  return JSON.stringify(a) === JSON.stringify(b)
}

function freeze(state: AuthState): AuthState {
  if (state.status === 'member') {
    Object.freeze(state.user)
    Object.freeze(state.roles)
  }
  return Object.freeze(state)
}
