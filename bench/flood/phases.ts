/** Who signs in with wrong passwords while others refresh: nobody, a botnet, or somebody alone. */
export const PHASES = ['quiet', 'many networks', 'one network'] as const
export type Phase = (typeof PHASES)[number]
