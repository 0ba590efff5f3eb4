import type { Connection } from '../load/connection.ts'

/** What a process of the bench is asked to do, and beside what. */
export interface Scenario {
  /** What it is called on the command line. */
  name: string
  title: string
  subject: Side
  /** What it is measured against; nothing for a figure that stands alone. */
  rival?: Side
  /** Least ratio of subject to rival. */
  target?: number
}

export interface Side {
  /** Who answers; `load` is the load process itself, for work without a server. */
  server: 'portico' | 'stock' | 'plain' | 'load'
  /** Makes one of the users at work at the same time, ready for the first counted piece of work. */
  begin(user: User): Promise<Work>
}

export interface User {
  /** Counts the users from 0. */
  index: number
  /** The user's own, to the server; opened by the first request. */
  connection: Connection
}

/** One counted piece of work. @throws when the answer isn't what it has to be */
export type Work = () => Promise<unknown>
