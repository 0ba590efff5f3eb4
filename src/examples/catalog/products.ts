/** Something the shop sells. Prices are in cents, for everyone and for members. */
export interface Product {
  slug: string
  name: string
  /** One line under the name. */
  tagline: string
  description: string
  details: readonly string[]
  category: Category
  colors: readonly ProductColor[]
  price: number
  memberPrice: number
  reviews: readonly Review[]
}

export interface ProductColor {
  name: string
  label: string
  /** CSS colour of the picture. */
  tint: string
}

export interface Review {
  author: string
  /** 1 to 5. */
  stars: number
  text: string
}

export type Category = 'tea-and-coffee' | 'cooking' | 'table'

/** What anyone may know: everything but the members' price. */
export type PublicProduct = Omit<Product, 'memberPrice'>

const clay = { name: 'clay', label: 'Clay', tint: '#b85c3e' }
const red = { name: 'red', label: 'Poppy red', tint: '#c23b2e' }
const moss = { name: 'moss', label: 'Moss', tint: '#5d6f4c' }
const ink = { name: 'ink', label: 'Ink', tint: '#34424f' }
const oat = { name: 'oat', label: 'Oat', tint: '#cdb892' }
const sky = { name: 'sky', label: 'Harbour blue', tint: '#5f8ba3' }
const copper = { name: 'copper', label: 'Copper', tint: '#b8693b' }
const walnut = { name: 'walnut', label: 'Walnut', tint: '#7a5237' }
const oak = { name: 'oak', label: 'Oak', tint: '#bd9360' }
const iron = { name: 'iron', label: 'Iron', tint: '#3c3f42' }

export const products: readonly Product[] = [
  {
    slug: 'kettle',
    name: 'Stovetop kettle',
    tagline: 'Whistles in a low, polite F',
    description:
      'Enamelled steel, one and a half litres, with a handle that stays cool because it stands well clear of the steam. The lid lifts off all the way, so the inside can be wiped rather than wished about.',
    details: ['1.5 litres', 'Enamelled steel, beech handle', 'Gas, electric and induction', 'Spare whistle in the box'],
    category: 'tea-and-coffee',
    colors: [copper, red, moss, ink],
    price: 7900,
    memberPrice: 6400,
    reviews: [
      { author: 'Marit', stars: 5, text: 'Boils a full pot in five minutes and the whistle does not wake the baby.' },
      { author: 'Tomás', stars: 4, text: 'Lovely weight. I wish the spout were a finger longer, but it never drips.' },
      { author: 'June', stars: 5, text: 'Three years on gas and the enamel looks like the day it came.' },
    ],
  },
  {
    slug: 'mug',
    name: 'Everyday mug',
    tagline: 'Fits a hand, and a dishwasher',
    description:
      'Thrown in one piece and glazed inside and out. The foot is left bare so that it does not slide, and the rim is thin enough to forget about.',
    details: ['320 ml', 'Stoneware', 'Dishwasher and microwave', 'Each one a little different'],
    category: 'table',
    colors: [oat, clay, sky, moss],
    price: 2400,
    memberPrice: 1900,
    reviews: [
      { author: 'Priya', stars: 5, text: 'Bought two, went back for six.' },
      { author: 'Henrik', stars: 4, text: 'Keeps tea warm longer than it looks like it would.' },
    ],
  },
  {
    slug: 'pour-over',
    name: 'Pour-over set',
    tagline: 'Four minutes, two cups',
    description:
      'A ceramic cone on a glass carafe with a wooden collar. The ribs inside the cone hold the paper off the wall, which is the whole secret of an even brew.',
    details: ['600 ml carafe', 'Ceramic, borosilicate glass, oak', '40 paper filters included'],
    category: 'tea-and-coffee',
    colors: [oat, ink, clay],
    price: 5600,
    memberPrice: 4500,
    reviews: [
      { author: 'Aoife', stars: 5, text: 'Better coffee than the machine it replaced, and I got the counter back.' },
      { author: 'Samir', stars: 5, text: 'The collar really does stay cool.' },
    ],
  },
  {
    slug: 'casserole',
    name: 'Lidded casserole',
    tagline: 'From the hob to the middle of the table',
    description:
      'Cast iron under two coats of enamel. Bumps under the lid send the steam back where it came from, so what goes in on Sunday comes out on Monday.',
    details: ['4.2 litres', 'Enamelled cast iron', 'Oven-safe to 260 °C', '25-year guarantee'],
    category: 'cooking',
    colors: [moss, red, ink, oat],
    price: 18900,
    memberPrice: 15900,
    reviews: [
      { author: 'Colette', stars: 5, text: 'My grandmother’s lasted fifty years. This one feels the same.' },
      { author: 'Dev', stars: 4, text: 'Heavy, as it should be.' },
      { author: 'Sanne', stars: 5, text: 'Bread, beans, everything.' },
    ],
  },
  {
    slug: 'skillet',
    name: 'Iron skillet',
    tagline: 'Gets better every time you use it',
    description:
      'Milled smooth inside and seasoned with flax oil, ready for an egg on the first morning. Two spouts, because not everyone pours to the left.',
    details: ['26 cm', 'Cast iron, 1.9 kg', 'Seasoned three times', 'Any heat, campfires too'],
    category: 'cooking',
    colors: [iron],
    price: 8400,
    memberPrice: 6900,
    reviews: [
      { author: 'Walt', stars: 5, text: 'Eggs slid around on day one. Did not believe it either.' },
      { author: 'Ines', stars: 4, text: 'Take the care card seriously and it looks after you.' },
    ],
  },
  {
    slug: 'board',
    name: 'Chopping board',
    tagline: 'End grain: kind to knives',
    description:
      'Blocks of offcut hardwood with the grain standing up, so that a blade goes between the fibres instead of across them. Oiled twice before it leaves the workshop.',
    details: ['38 × 26 × 3 cm', 'Oiled hardwood', 'Groove on one side', 'Tin of board oil included'],
    category: 'cooking',
    colors: [oak, walnut],
    price: 6800,
    memberPrice: 5400,
    reviews: [{ author: 'Greta', stars: 5, text: 'My knives have stayed sharp since. Also very handsome.' }],
  },
  {
    slug: 'pepper-mill',
    name: 'Pepper mill',
    tagline: 'Coarse, fine, and everything between',
    description:
      'Turned from one piece of wood around a steel grinder that can be taken out, cleaned and, in some decades, replaced.',
    details: ['21 cm', 'Hardwood, steel grinder', 'Twelve settings', 'Grinder guaranteed for life'],
    category: 'table',
    colors: [walnut, oak, ink],
    price: 4900,
    memberPrice: 3900,
    reviews: [
      { author: 'Bo', stars: 5, text: 'Finally a mill that does not give up when the pepper is damp.' },
      { author: 'Lea', stars: 4, text: 'Taller than I thought. I like it.' },
    ],
  },
  {
    slug: 'bowls',
    name: 'Nesting bowls',
    tagline: 'Five that take the room of one',
    description:
      'From a pinch bowl to a salad for six, each resting in the next. Glazed to the rim and numbered underneath, so that the stack always comes out right.',
    details: ['0.2 to 3.5 litres', 'Stoneware', 'Oven and dishwasher', 'Lids sold separately'],
    category: 'table',
    colors: [sky, clay, oat],
    price: 9800,
    memberPrice: 7900,
    reviews: [
      { author: 'Nomi', stars: 5, text: 'The smallest one lives by the stove, full of salt.' },
      { author: 'Falk', stars: 5, text: 'A present that got used the same evening.' },
    ],
  },
]
