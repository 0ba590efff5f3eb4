import { openStore } from '../../store/open-store.ts'
import { startDelivery } from '../delivery.ts'

// A node of its own that does nothing but deliver, until it is killed.
const [url = '', tenant = '', leaseMs = ''] = process.argv.slice(2)
const log = { info: () => {}, warn: () => {} }
startDelivery({ store: await openStore(url), tenants: [JSON.parse(tenant)], log, timing: { leaseMs: Number(leaseMs) } })
