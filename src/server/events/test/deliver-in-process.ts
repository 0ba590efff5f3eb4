import { openStore } from '../../store/open-store.ts'
import { startDelivery } from '../delivery.ts'
import { webhookReceivers } from '../receivers.ts'

// A node of its own that does nothing but deliver, until it is killed.
const [url = '', tenant = '', leaseMs = ''] = process.argv.slice(2)
const log = { info: () => {}, warn: () => {} }
const receivers = webhookReceivers(JSON.parse(tenant))
startDelivery({ store: await openStore(url), receivers, log, timing: { leaseMs: Number(leaseMs) } })
