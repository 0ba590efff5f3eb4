import { renderToString } from 'react-dom/server'
import { expect, test } from 'vitest'
import { aShop } from '../test/a-shop.ts'
import { AuthProvider, useAuth, useGuestUpgrade } from './index.ts'

const options = { issuer: 'https://id.example.com/demo', clientId: 'catalog', redirectUri: 'https://shop.example/cb' }

function Who() {
  const auth = useAuth()
  return <p>{auth.status === 'member' ? auth.user.name : auth.status}</p>
}

test('without a provider it says what to do', () => {
  expect(() => renderToString(<Who />)).toThrow('put one around your app')
})

test('a server draws loading, whoever is there', async () => {
  const shop = await aShop()
  const { auth } = await shop.signIn()
  const html = renderToString(
    <AuthProvider auth={auth}>
      <Who />
    </AuthProvider>,
  )
  expect(html).toBe('<p>loading</p>')
})

test('options make a client of their own for each request of a server', () => {
  const html = renderToString(
    <AuthProvider options={options}>
      <Who />
    </AuthProvider>,
  )
  expect(html).toBe('<p>loading</p>')
})

function Upgrade() {
  return <p>{useGuestUpgrade()}</p>
}

test('how far a guest’s upgrade has got is none on a server, and nothing without a provider', async () => {
  expect(() => renderToString(<Upgrade />)).toThrow('put one around your app')
  const shop = await aShop({ nonces: false }, { guest: true })
  const { auth } = await shop.signIn()
  expect(auth.getGuestUpgrade()).toBe('pending')
  const html = renderToString(
    <AuthProvider auth={auth}>
      <Upgrade />
    </AuthProvider>,
  )
  expect(html).toBe('<p>none</p>')
})
