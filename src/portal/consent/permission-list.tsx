import { Name } from '../ui/name.tsx'
import styles from './permission-list.module.css'
import { type Permission, permissionsOf } from './scopes.ts'

/** What the app asks for, a line each. */
export function PermissionList({ scopes }: { scopes: string[] }) {
  return (
    <ul className={styles.list}>
      {permissionsOf(scopes).map((permission) => (
        <li key={permission.id} className={styles.item}>
          <CheckGlyph />
          <span>
            <PermissionText permission={permission} />
          </span>
        </li>
      ))}
    </ul>
  )
}

function PermissionText({ permission }: { permission: Permission }) {
  if ('text' in permission) return permission.text
  return (
    <>
      act for you with the role <Name>{permission.role}</Name>
    </>
  )
}

function CheckGlyph() {
  return (
    <svg width="1.25rem" height="1.25rem" viewBox="0 0 20 20" fill="none" stroke="currentColor" aria-hidden="true">
      <path d="M4.5 10.5 8.25 14.25 15.5 6.25" strokeWidth="1.75" strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  )
}
