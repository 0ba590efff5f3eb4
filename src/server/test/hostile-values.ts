const encode = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
const UNSIGNED = `${encode({ alg: 'none', typ: 'at+jwt' })}.${encode({ sub: 'ada', exp: 9_999_999_999 })}.`

/** Text that no field is meant to hold, by what is wrong with it. */
export const HOSTILE_TEXTS: Readonly<Record<string, string>> = {
  nothing: '',
  'a space': ' ',
  'a NUL': 'a\u0000b',
  'a line break that would be a header': 'a\r\nSet-Cookie: x=1',
  'a control character': 'a\u0007',
  'a line separator': 'a\u2028b',
  'text that runs backwards': '\u202Eada',
  'full-width letters': 'ａｄａ',
  'characters outside the first plane': '🫖🫖',
  'a character of more than one code point': 'e\u0301',
  'more characters than allowed': 'x'.repeat(4_001),
  'as many characters as allowed': 'y'.repeat(4_000),
  'a long number': '9'.repeat(400),
  'a number below nothing': '-1',
  'a number without end': '1e999',
  'not a number': 'NaN',
  'the name of a prototype': '__proto__',
  'the name of a method': 'constructor',
  markup: '<script>alert(1)</script>',
  SQL: "' OR '1'='1' --",
  'a LIKE pattern': '%_%',
  'a path': '../../etc/passwd',
  'a NUL encoded once more': '%00',
  'half an encoding': '%zz%',
  JSON: '{"$ne":null}',
  'the word null': 'null',
  'the word undefined': 'undefined',
  'a token nobody signed': UNSIGNED,
  'a sealed token nobody sealed': 'v1.AAAA.AAAA',
  'a template nobody filled in': '{{user.email}}',
}

/** JSON values where text belongs. */
export const HOSTILE_JSON: Readonly<Record<string, unknown>> = {
  null: null,
  true: true,
  'a number': 1e308,
  zero: 0,
  'an empty list': [],
  'a list of text': ['ada', 'ben'],
  'an empty object': {},
  'an operator': { $ne: null },
  'an object that overrides its text': { toString: 'x', length: -1 },
  'a nested list': [[[[[[[[[['deep']]]]]]]]]],
  'a long list': Array.from({ length: 500 }, () => 'x'),
  'half a character': '\uD800',
}

/** What a form or query may say about a field that no well-behaved client would write. */
export function hostileEncodings(name: string, value: string): Record<string, string> {
  const pair = new URLSearchParams({ [name]: value }).toString()
  return {
    twice: `${pair}&${pair}`,
    'twice, once empty': `${pair}&${name}=`,
    'as a list': `${name}[]=a&${name}[]=b`,
    'as an object': `${name}[$ne]=`,
    'without a value': name,
    'as bytes that are not UTF-8': `${name}=%ff%fe`,
    'as half an encoding': `${name}=%`,
    'with a NUL': `${name}=a%00b`,
  }
}
