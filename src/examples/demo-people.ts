/** Who can sign in to the demo. Everybody may read these passwords: the demo answers on loopback only. */
export const demoPeople = [
  {
    username: 'ada',
    email: 'ada@demo.test',
    name: 'Ada Okafor',
    password: 'copper kettle at dawn',
    roles: ['Shopper'],
  },
  {
    username: 'ben',
    email: 'ben@demo.test',
    name: 'Ben Lindqvist',
    password: 'seven quiet lanterns',
    roles: ['Shopper', 'MeAdmin'],
  },
]
