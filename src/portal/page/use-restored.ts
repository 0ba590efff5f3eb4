import { useEffect, useEffectEvent } from 'react'

/** Runs when Back or Forward brings the page out of the browser's cache, exactly as it was left. */
export function useRestored(onRestored: () => void): void {
  const handle = useEffectEvent((event: PageTransitionEvent) => {
    if (event.persisted) onRestored()
  })
  useEffect(() => {
    const listen = (event: PageTransitionEvent) => handle(event)
    window.addEventListener('pageshow', listen)
    return () => window.removeEventListener('pageshow', listen)
  }, [])
}
