import { PorticoGlyph } from './portico-glyph.tsx'
import styles from './tenant-mark.module.css'

/** The tenant's initial in a doorway; the doorway alone where there is no letter to show. */
export function TenantMark({ name = '' }: { name: string | undefined }) {
  const initial = /[\p{L}\p{N}]/u.exec(name)?.[0]
  return (
    <span className={styles.mark} aria-hidden="true">
      {initial ? <span>{initial.toUpperCase()}</span> : <PorticoGlyph />}
    </span>
  )
}
