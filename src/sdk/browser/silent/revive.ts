import type { MemberRecord } from '../session/session-record.ts'
import { askInFrame, type FrameDeps } from './ask-in-frame.ts'
import { findWay } from './find-way.ts'
import { inTime } from './in-time.ts'

/** Signs the member in again whose refresh token is gone, if the portal still knows them and another tab has not done so. */
export async function revive({ login }: MemberRecord, deps: FrameDeps): Promise<void> {
  const work = async () => {
    if ((await findWay(deps)) === 'frame') await askInFrame({}, deps, (here) => here?.login === login)
  }
  await inTime(work(), deps).catch(() => undefined)
}
