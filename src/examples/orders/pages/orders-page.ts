import { type Order, type OrderLine, type OrderStatus, totalOf } from '../orders.ts'
import type { Person } from '../portal.ts'
import { type Html, html } from './html.ts'
import { layout } from './layout.ts'
import { picture } from './pictures.ts'

export function ordersPage({ person, orders, catalog }: { person: Person; orders: Order[]; catalog: string }): string {
  const main = html`<div class="title">
<h1>Your orders</h1>
<p>${countOf(orders)}, newest first.</p>
</div>
<ol class="orders">${orders.map((order) => card(order, catalog))}</ol>`
  return layout({ title: 'Your orders · Demo Store', name: person.name, catalog, main })
}

function card(order: Order, catalog: string): Html {
  const heading = `order-${order.number}`
  return html`<li><article class="order" aria-labelledby="${heading}">
<header class="order-head">
<h2 id="${heading}">${statusText(order.status)}</h2>
<span class="status" data-kind="${order.status.kind}">${order.status.kind}</span>
<dl class="facts">
<div><dt>Ordered</dt><dd><time datetime="${order.orderedOn}">${dateText(order.orderedOn)}</time></dd></div>
<div><dt>Order</dt><dd>${order.number.slice(0, 3)} ${order.number.slice(3)}</dd></div>
<div><dt>Total</dt><dd>${money(totalOf(order))}</dd></div>
</dl>
</header>
<ul class="lines">${order.lines.map((line) => lineOf(line, catalog))}</ul>
</article></li>
`
}

function lineOf({ slug, name, option, tint, count, price }: OrderLine, catalog: string): Html {
  return html`<li class="line-item">
${picture(slug, tint)}
<div class="what"><p class="product">${name}</p><p class="option">${option}${count > 1 ? ` · ${count} pieces` : ''}</p></div>
<p class="price">${money(price * count)}</p>
<a class="again" href="${new URL(`products/${slug}`, catalog).href}">Buy again<span class="unseen">: ${name}</span></a>
</li>
`
}

function statusText(status: OrderStatus): string {
  if (status.kind === 'on its way') return `Arrives ${dateText(status.expected)}`
  return status.kind === 'delivered' ? `Delivered ${dateText(status.on)}` : `Returned ${dateText(status.on)}`
}

function countOf(orders: Order[]): string {
  return orders.length === 1 ? 'One order' : `${orders.length} orders`
}

const dates = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' })
const euros = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' })

function dateText(date: string): string {
  return dates.format(new Date(date))
}

function money(cents: number): string {
  return euros.format(cents / 100)
}
