import type { JSX } from 'react'
import { Board, Casserole, Skillet } from './cooking-art.tsx'
import { Bowls, Mug, PepperMill } from './table-art.tsx'
import { Kettle, PourOver } from './tea-and-coffee-art.tsx'

const pictures: Record<string, (props: { tint: string }) => JSX.Element> = {
  kettle: Kettle,
  mug: Mug,
  'pour-over': PourOver,
  casserole: Casserole,
  skillet: Skillet,
  board: Board,
  'pepper-mill': PepperMill,
  bowls: Bowls,
}

/** A drawn picture of a product in one of its colours; the text beside it says what it is. */
export function ProductArt({ slug, tint = '#8a7a66' }: { slug: string; tint?: string | undefined }) {
  const Picture = pictures[slug]
  return (
    <svg viewBox="0 0 240 240" aria-hidden="true">
      <ellipse cx="120" cy="199" rx="82" ry="9" fill="#000" opacity=".14" />
      {Picture && <Picture tint={tint} />}
    </svg>
  )
}
