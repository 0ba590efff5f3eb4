import { Fragment } from 'react'
import { Name } from '../ui/name.tsx'

/** Names as a sentence lists them: “Catalog, Legacy and Orders”. */
export function AppNames({ names }: { names: readonly string[] }) {
  return names.map((name, index) => (
    <Fragment key={name}>
      {index > 0 && (index === names.length - 1 ? ' and ' : ', ')}
      <Name>{name}</Name>
    </Fragment>
  ))
}
