import { createContext } from 'react'
import type { Auth } from '../browser/auth.ts'

/** The client of the nearest provider. */
export const AuthContext = createContext<Auth | undefined>(undefined)
