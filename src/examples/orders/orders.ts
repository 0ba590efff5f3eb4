import { createHash } from 'node:crypto'

/** Something somebody bought. Prices are in cents. */
export interface Order {
  /** As printed on the receipt. */
  number: string
  /** ISO 8601 date. */
  orderedOn: string
  status: OrderStatus
  lines: readonly OrderLine[]
}

export type OrderStatus =
  | { kind: 'on its way'; expected: string }
  | { kind: 'delivered'; on: string }
  | { kind: 'returned'; on: string }

export interface OrderLine {
  /** The product's name in the catalog's addresses. */
  slug: string
  name: string
  option: string
  tint: string
  count: number
  price: number
}

const kettle = { slug: 'kettle', name: 'Stovetop kettle', option: 'Copper', tint: '#b8693b', price: 6400 }
const mugs = { slug: 'mug', name: 'Everyday mug', option: 'Harbour blue', tint: '#5f8ba3', price: 1900 }
const casserole = { slug: 'casserole', name: 'Lidded casserole', option: 'Moss', tint: '#5d6f4c', price: 15900 }
const skillet = { slug: 'skillet', name: 'Iron skillet', option: 'Iron', tint: '#3c3f42', price: 6900 }
const board = { slug: 'board', name: 'Chopping board', option: 'Walnut', tint: '#7a5237', price: 5400 }
const mill = { slug: 'pepper-mill', name: 'Pepper mill', option: 'Oak', tint: '#bd9360', price: 3900 }
const bowls = { slug: 'bowls', name: 'Nesting bowls', option: 'Oat', tint: '#cdb892', price: 7900 }

const everyOrder: readonly Omit<Order, 'number'>[] = [
  {
    orderedOn: '2026-11-19',
    status: { kind: 'on its way', expected: '2026-11-24' },
    lines: [
      { ...kettle, count: 1 },
      { ...mugs, count: 2 },
    ],
  },
  {
    orderedOn: '2026-10-02',
    status: { kind: 'delivered', on: '2026-10-06' },
    lines: [{ ...casserole, count: 1 }],
  },
  {
    orderedOn: '2026-08-14',
    status: { kind: 'returned', on: '2026-08-29' },
    lines: [{ ...bowls, count: 1 }],
  },
  {
    orderedOn: '2026-05-27',
    status: { kind: 'delivered', on: '2026-05-30' },
    lines: [
      { ...skillet, count: 1 },
      { ...board, count: 1 },
      { ...mill, count: 1 },
    ],
  },
]

/** What somebody bought, newest first; the same at every visit. */
export function ordersOf(sub: string): Order[] {
  const digits = createHash('sha256').update(sub).digest().readUInt32BE()
  return everyOrder.map((order, index) => ({ ...order, number: String(100_000 + ((digits + index * 7919) % 900_000)) }))
}

export function totalOf({ lines }: Order): number {
  return lines.reduce((sum, { price, count }) => sum + price * count, 0)
}
