import { networkOf } from '../throttles/network.ts'

/** Rows for one network in an hour, and for all; on one node, which is bound enough for a table that is swept. */
const FOR_A_NETWORK = 100
const FOR_ALL = 10_000

/** Whether there is room for another row from this address in this hour. */
export type HourlyRoom = (ip: string, now: number) => boolean

export function createHourlyRoom(): HourlyRoom {
  const taken = new Map<string, number>()
  let total = 0
  let hour = 0
  return (ip, now) => {
    const thisHour = Math.floor(now / 3_600_000)
    if (thisHour !== hour) {
      taken.clear()
      total = 0
      hour = thisHour
    }
    const network = networkOf(ip)
    const fromHere = taken.get(network) ?? 0
    if (total >= FOR_ALL || fromHere >= FOR_A_NETWORK) return false
    taken.set(network, fromHere + 1)
    total += 1
    return true
  }
}
