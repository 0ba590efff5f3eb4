/** A doorway with light in it. */
export function PorticoGlyph() {
  return (
    <svg width="1em" height="1em" viewBox="0 0 16 16" fill="none" stroke="currentColor" aria-hidden="true">
      <path strokeWidth="1.5" d="M1.75 14.25V8a6.25 6.25 0 0 1 12.5 0v6.25" />
      <path strokeWidth="1.5" d="M5.25 14.25V8.25a2.75 2.75 0 0 1 5.5 0v6" />
      <path strokeWidth="1.5" d="M.5 14.25h15" />
    </svg>
  )
}
