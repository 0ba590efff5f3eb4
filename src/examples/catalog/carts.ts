import { DatabaseSync } from 'node:sqlite'

/** Something in a cart, and how many of it. */
export interface CartLine {
  product: string
  color: string
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
  /** Sets how many there are of a product in a colour; 0 takes it out. */
  set(owner: CartOwner, line: CartLine): void
  close(): void
}

// No unique key over owner and product: a guest's lines go to a member who has the same product by one UPDATE that can't
// collide, and reading adds them up.
const tables = `
  PRAGMA journal_mode = WAL;
  CREATE TABLE IF NOT EXISTS cart_lines (session_id TEXT, owner TEXT, product TEXT, color TEXT, quantity INTEGER);
  CREATE INDEX IF NOT EXISTS cart_lines_owner ON cart_lines (owner);
  CREATE TABLE IF NOT EXISTS events (id TEXT PRIMARY KEY);
`

/** Opens the carts in a file, or in memory for `:memory:`. */
export function openCarts(file: string): Carts {
  const database = new DatabaseSync(file)
  database.exec(tables)
  const select = database.prepare(
    'SELECT product, color, sum(quantity) AS quantity FROM cart_lines WHERE owner = ? GROUP BY product, color',
  )
  const remove = database.prepare('DELETE FROM cart_lines WHERE owner = ? AND product = ? AND color = ?')
  const insert = database.prepare('INSERT INTO cart_lines VALUES (?, ?, ?, ?, ?)')
  return {
    database,
    read: ({ sub }) =>
      select.all(sub).map((line) => ({
        product: String(line.product),
        color: String(line.color),
        quantity: Number(line.quantity),
      })),
    set({ sub, sessionId }, { product, color, quantity }) {
      inTransaction(database, () => {
        remove.run(sub, product, color)
        if (quantity > 0) insert.run(sessionId, sub, product, color, quantity)
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
