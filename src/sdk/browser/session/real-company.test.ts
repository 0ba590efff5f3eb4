import { decodeJwt } from 'jose'
import { expect, onTestFinished, test } from 'vitest'
import { ADA, ISSUER, REDIRECT_URI } from '../../../server/test/test-config.ts'
import { aBrowser } from '../../test/a-browser.ts'
import { aRealIssuer } from '../../test/a-real-issuer.ts'
import { clientIn, settled } from '../../test/a-shop.ts'

test('a person switches companies at the real issuer, which checks each time', { timeout: 20_000 }, async () => {
  const { app, fetch, close } = await aRealIssuer({
    users: [
      { ...ADA, roles: ['Shopper'], legal_entities: ['north', 'south'] },
      { username: 'visitor', guest_template: true, roles: ['Browser'] },
    ],
  })
  onTestFinished(close)
  const tab = aBrowser().openTab(REDIRECT_URI, fetch)
  const { auth } = clientIn(tab, { issuer: ISSUER, clientId: 'catalog', redirectUri: REDIRECT_URI })
  await settled(auth)
  await auth.signInWithPassword(ADA)
  expect(auth.getState()).toMatchObject({ status: 'member', user: { companies: ['north', 'south'] } })
  const company = async () => decodeJwt(await auth.getAccessToken()).legal_entity_id
  for (const id of ['north', 'south']) {
    await auth.switchCompany(id)
    expect(await company()).toBe(id)
    expect(auth.getState()).toMatchObject({ company: id })
  }
  await expect(auth.switchCompany('west')).rejects.toMatchObject({ code: 'company-refused', status: 403 })
  expect(await company()).toBe('south')
  await app.store.db.updateTable('users').set({ legal_entities: '[]' }).where('username', '=', 'ada').execute()
  await expect(auth.switchCompany('north')).rejects.toMatchObject({ code: 'company-refused' })
  await auth.switchCompany(null)
  expect(await company()).toBeUndefined()
})
