import fc from 'fast-check'
import { afterAll, beforeAll, describe, it, vi } from 'vitest'
import { openStore } from '../store/open-store.ts'
import { describeStores } from '../store/test/open-test-stores.ts'
import { checkPromises, familyCommands, firstSteps } from './test/family-commands.ts'
import { emptyModel } from './test/family-model.ts'
import { FamilyWorld } from './test/family-world.ts'

const numRuns = process.env.PORTICO_TEST_ALL ? 500 : 30
const seed = Number(process.env.PORTICO_TEST_SEED ?? Math.floor(Math.random() * 2 ** 31))
const TIMEOUT_MS = 60_000 + numRuns * 4_000

/**
 * Random histories of sign-ins, refreshes, replays, ends, crashes, restarts and clock jumps on two real nodes, each answer
 * compared with what a small model of the promise says. Repeat one with `PORTICO_TEST_SEED`.
 */
describe('a login, whatever happens', () => {
  describeStores((_openTestStore, databaseUrl) => {
    let world: FamilyWorld
    beforeAll(async () => {
      vi.useFakeTimers({ toFake: ['Date'] })
      world = new FamilyWorld(() => openStore(databaseUrl()))
      await world.start()
    })
    afterAll(async () => {
      await world.stop()
      vi.useRealTimers()
    })

    it('keeps the promise of a refresh', { timeout: TIMEOUT_MS }, async () => {
      process.stdout.write(`the histories of this run: PORTICO_TEST_SEED=${seed}\n`)
      let day = Math.floor(Date.now() / 1000) * 1000
      const commands = fc.commands(familyCommands, { maxCommands: 40, size: 'max' })
      const histories = fc.asyncProperty(firstSteps, commands, async (first, further) => {
        day += 1000
        const model = emptyModel(day)
        await world.enter(day)
        for (const steps of [first, further]) await fc.asyncModelRun(() => ({ model, real: world }), steps)
        await checkPromises(model, world)
      })
      await fc.assert(histories, { seed, numRuns, verbose: fc.VerbosityLevel.Verbose })
    })
  })
})
