import type { ReactNode } from 'react'
import type { ClientView, TenantView } from '../../contract/page-state.ts'
import styles from './frame.module.css'
import { Name } from './name.tsx'
import { OutsideLink } from './outside-link.tsx'
import { PorticoGlyph } from './portico-glyph.tsx'
import { TenantMark } from './tenant-mark.tsx'

interface Props {
  tenant?: TenantView | undefined
  client?: ClientView | undefined
  children: ReactNode
}

/** The doorway every page stands in: whose it is above, the page within, the small print below. */
export function Frame({ tenant, client, children }: Props) {
  return (
    <div className={styles.page}>
      <main className={styles.door}>
        <div className={styles.tenant}>
          <TenantMark name={tenant?.name} />
          {tenant && (
            <p className={styles.tenantName}>
              <Name>{tenant.name}</Name>
            </p>
          )}
        </div>
        {children}
      </main>
      <footer className={styles.footer}>
        <ClientLinks client={client} />
        <span className={styles.maker}>
          <PorticoGlyph />
          Portico
        </span>
      </footer>
    </div>
  )
}

function ClientLinks({ client }: { client: ClientView | undefined }) {
  if (!client?.policyUri && !client?.tosUri) return null
  return (
    <ul className={styles.links}>
      {client.policyUri && (
        <li>
          <OutsideLink href={client.policyUri}>
            Privacy at <Name>{client.name}</Name>
          </OutsideLink>
        </li>
      )}
      {client.tosUri && (
        <li>
          <OutsideLink href={client.tosUri}>
            Terms of <Name>{client.name}</Name>
          </OutsideLink>
        </li>
      )}
    </ul>
  )
}
