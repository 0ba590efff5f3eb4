import { decodeJwt } from 'jose'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { describeStores } from '../../store/test/open-test-stores.ts'
import { basicAuth, postToEndpoint, refresh, signedIn, startGuest, type TokenResponse } from '../../test/flows.ts'
import { startTestApp, type TestApp } from '../../test/test-app.ts'
import { ADA, aConfig, BEN } from '../../test/test-config.ts'
import { userinfo } from '../../test/userinfo.ts'

const config = aConfig({
  tenant: {
    users: [
      { ...ADA, name: 'Ada Okafor', roles: ['Shopper'], legal_entities: ['north', 'south'] },
      { ...BEN, roles: ['Shopper'] },
      { username: 'visitor', guest_template: true, roles: ['Browser'], legal_entities: ['north'] },
    ],
  },
})

describeStores((openTestStore) => {
  let app: TestApp
  beforeAll(async () => {
    app = await startTestApp({ store: await openTestStore(), config })
  })
  afterAll(() => app.close())

  const forCompany = (token: string, legal_entity_id: string) => refresh(app, { token, fields: { legal_entity_id } })
  const companyOf = ({ body }: TokenResponse) => decodeJwt(body.access_token ?? '').legal_entity_id
  const assign = (companies: string[]) =>
    app.store.db
      .updateTable('users')
      .set({ legal_entities: JSON.stringify(companies) })
      .where('username', '=', 'ada')
      .execute()
  const refused = {
    status: 403,
    body: { error: 'access_denied', error_description: expect.stringContaining('legal_entity_id') },
  }

  describe('a refresh that names a company', () => {
    it('gets an access token for it, which introspection and userinfo show', async () => {
      const { refreshToken } = await signedIn(app)
      const answer = await forCompany(refreshToken, 'north')
      expect(answer).toMatchObject({ status: 200, body: { legal_entity_id: 'north' } })
      expect(companyOf(answer)).toBe('north')
      const token = answer.body.access_token ?? ''
      const introspected = await postToEndpoint(app, 'introspect', { token }, { headers: basicAuth() })
      expect(introspected.body).toMatchObject({ active: true, legal_entity_id: 'north' })
      expect((await userinfo(app, token)).body).toMatchObject({
        legal_entity_id: 'north',
        legal_entities: ['north', 'south'],
      })
    })

    it('switches by the next, and leaves by one that names none', async () => {
      const { refreshToken, answer } = await signedIn(app)
      expect(decodeJwt(answer.access_token ?? '')).not.toHaveProperty('legal_entity_id')
      const north = await forCompany(refreshToken, 'north')
      const south = await forCompany(north.body.refresh_token ?? '', 'south')
      expect(companyOf(south)).toBe('south')
      const none = await refresh(app, { token: south.body.refresh_token ?? '' })
      expect(companyOf(none)).toBeUndefined()
      expect(none.body).not.toHaveProperty('legal_entity_id')
      const token = none.body.access_token ?? ''
      const introspected = await postToEndpoint(app, 'introspect', { token }, { headers: basicAuth() })
      expect(introspected.body).not.toHaveProperty('legal_entity_id')
    })

    it('is refused for one the person isn’t assigned to, and spends nothing', async () => {
      const { refreshToken } = await signedIn(app)
      for (const company of ['west', 'NORTH', 'north south', '["north"]'])
        expect(await forCompany(refreshToken, company)).toMatchObject(refused)
      expect(companyOf(await forCompany(refreshToken, 'north'))).toBe('north')
    })

    it('is refused as soon as the assignment is gone; without the company the login goes on', async () => {
      const { refreshToken } = await signedIn(app)
      const { body } = await forCompany(refreshToken, 'south')
      await assign(['north'])
      expect(await forCompany(body.refresh_token ?? '', 'south')).toMatchObject(refused)
      expect((await refresh(app, { token: body.refresh_token ?? '' })).status).toBe(200)
      await assign(['north', 'south'])
    })

    it('is refused for people without companies; to a guest it means nothing', async () => {
      const { refreshToken } = await signedIn(app, { person: BEN })
      expect(await forCompany(refreshToken, 'north')).toMatchObject(refused)
      const guest = await startGuest(app)
      const answer = await forCompany(guest.refreshToken, 'north')
      expect(decodeJwt(answer.body.access_token ?? '')).not.toHaveProperty('legal_entity_id')
    })

    it('and repeats one that was answered gets what it asks for, and the one successor', async () => {
      const { refreshToken } = await signedIn(app)
      const answers = await Promise.all([
        ...['north', 'south', 'north'].map((company) => forCompany(refreshToken, company)),
        refresh(app, { token: refreshToken }),
      ])
      expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200])
      expect(answers.map(companyOf)).toEqual(['north', 'south', 'north', undefined])
      expect(new Set(answers.map(({ body }) => body.refresh_token)).size).toBe(1)
    })
  })

  it('which companies there are is told with the profile', async () => {
    const { idToken } = await signedIn(app)
    expect(decodeJwt(idToken)).toMatchObject({ legal_entities: ['north', 'south'] })
    expect(decodeJwt((await signedIn(app, { person: BEN })).idToken)).not.toHaveProperty('legal_entities')
    const { idToken: bare } = await signedIn(app, { overrides: { scope: 'openid' } })
    expect(decodeJwt(bare)).not.toHaveProperty('legal_entities')
  })
})
