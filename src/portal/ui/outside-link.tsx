import type { ReactNode } from 'react'
import { isWebAddress } from '../web-address.ts'

interface Props {
  href: string
  children: ReactNode
}

/** Leads to a page of somebody else, in a tab of its own so that a half-filled form stays. No link at all without a proper address. */
export function OutsideLink({ href, children }: Props) {
  if (!isWebAddress(href)) return null
  return (
    <a href={href} target="_blank" rel="noreferrer">
      <span>{children}</span>
      <NewTabGlyph />
    </a>
  )
}

function NewTabGlyph() {
  return (
    <svg
      width="0.75em"
      height="0.75em"
      viewBox="0 0 12 12"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.25"
      role="img"
    >
      <title>(opens in a new tab)</title>
      <path d="M4.5 2.5h-2v7h7v-2M7 2h3v3M10 2 5.5 6.5" />
    </svg>
  )
}
