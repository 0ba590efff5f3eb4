/** What is asked of `probe.js`, and what it answers. */
export type ProbeRequest = { probe: 'usage' | 'start-profile' | 'stop-profile' }
export type ProbeAnswer = { probe: ProbeRequest['probe']; usage: Usage; profile?: object }

export interface Usage {
  /** User and system time since the process began. */
  cpuMs: number
  /** Resident memory. */
  rssBytes: number
}
