import type { CompiledQuery } from 'kysely'
import type { Db } from './store.ts'

/** Stands for a value that each call gives anew. */
class Parameter {
  readonly name: PropertyKey

  constructor(name: PropertyKey) {
    this.name = name
  }
}

interface Compilable<R> {
  compile(): CompiledQuery<R>
}

/** Runs a query with these values. */
export type PreparedQuery<Values, R> = (db: Db, values: Values) => Promise<{ rows: R[]; numAffectedRows: bigint }>

/**
 * Keeps what Kysely makes of a query that is asked with each request: building and compiling it costs more than SQLite
 * takes to answer. Written once like any other, with `value(name)` where the values go.
 */
export function prepareQuery<Values extends object, R>(
  build: (db: Db, value: <Name extends keyof Values>(name: Name) => Values[Name]) => Compilable<R>,
): PreparedQuery<Values, R> {
  const compiled = new Map<unknown, CompiledQuery<R>>()
  // Kysely passes parameters through untouched, so that the markers come out in the order the statement wants.
  const marker = <Name extends keyof Values>(name: Name) => new Parameter(name) as unknown as Values[Name]

  return async (db, values) => {
    // SQLite and PostgreSQL write statements differently.
    const dialect = db.getExecutor().adapter.constructor
    let query = compiled.get(dialect)
    if (!query) {
      query = build(db, marker).compile()
      compiled.set(dialect, query)
    }
    const parameters = query.parameters.map((given) =>
      given instanceof Parameter ? values[given.name as keyof Values] : given,
    )
    const { rows, numAffectedRows = 0n } = await db.executeQuery<R>({ ...query, parameters })
    return { rows, numAffectedRows }
  }
}
