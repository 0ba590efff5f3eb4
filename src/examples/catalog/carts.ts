import { DatabaseSync } from 'node:sqlite'

/** Something in a cart, and how many of it. */
export interface CartLine {
  product: string
  quantity: number
}

/** Whose cart it is: a guest or a member, as their access token says. */
export interface CartOwner {
  sub: string
  /** Names the visit; what a guest puts in the cart is found by it when they become a member. */
  sessionId: string
}

/** The carts of everybody. A line belongs to a subject; a cart is all lines of one. */
export interface Carts {
  readonly database: DatabaseSync
  read(owner: CartOwner): CartLine[]
  /** Sets how many of a product there are; 0 takes it out. */
  set(owner: CartOwner, line: CartLine): void
  close(): void
}

// No unique key over owner and product: a guest's lines go to a member who has the same product by one UPDATE that can't
// collide, and reading adds them up.
const tables = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS cart_lines (session_id TEXT, owner TEXT, product TEXT, quantity INTEGER);
  CREATE INDEX IF NOT EXISTS cart_lines_owner ON cart_lines (owner);
  CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY);
`

/** Opens the carts in a file, or in memory for `:memory:`. */
export function openCarts(file: string): Carts {
  const database = new DatabaseSync(file)
  database.exec(tables)
  const select = database.prepare(
    'SELECT product, sum(quantity) AS quantity FROM cart_lines WHERE owner = ? GROUP BY product ORDER BY product',
  )
  const remove = database.prepare('DELETE FROM cart_lines WHERE owner = ? AND product = ?')
  const insert = database.prepare('INSERT INTO cart_lines (session_id, owner, product, quantity) VALUES (?, ?, ?, ?)')
  return {
    database,
    read: ({ sub }) =>
      select.all(sub).map(({ product, quantity }) => ({ product: String(product), quantity: Number(quantity) })),
    set({ sub, sessionId }, { product, quantity }) {
      inTransaction(database, () => {
        remove.run(sub, product)
        if (quantity > 0) insert.run(sessionId, sub, product, quantity)
      })
    },
    close: () => database.close(),
  }
}

function inTransaction(database: DatabaseSync, work: () => void): void {
  database.exec('BEGIN IMMEDIATE')
  try {
    work()
    database.exec('COMMIT')
  } catch (error) {
    database.exec('ROLLBACK')
    throw error
  }
}
