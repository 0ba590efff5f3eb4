import { checkParameters, type FormLimits } from './form-body.ts'
import { parseJsonObject } from './json-body.ts'
import { RequestError } from './request-error.ts'

/** Lists by nature: in a form their values are separated by spaces. */
const LISTS = ['scope', 'custom_roles']
const NUMBERS = ['member_id']

/**
 * The parameters of a token request that came as a JSON object, as a form would have brought them: texts, `null` for
 * what isn't there, numbers and lists of words for what is one.
 * @throws {RequestError} when a member is of another type, or comes twice
 */
export function readJsonParameters(body: Buffer, limits: FormLimits): URLSearchParams {
  const members = parseJsonObject(body)
  refuseTwice(body.toString())
  const parameters = new URLSearchParams()
  for (const [name, value] of Object.entries(members)) {
    if (value !== null) parameters.append(name, asText(name, value))
  }
  return checkParameters(parameters, limits)
}

function asText(name: string, value: unknown): string {
  if (typeof value === 'string') return value
  if (NUMBERS.includes(name) && Number.isSafeInteger(value)) return String(value)
  if (LISTS.includes(name) && Array.isArray(value) && value.every(isWord)) return value.join(' ')
  const kinds = LISTS.includes(name)
    ? 'a text or a list of words'
    : NUMBERS.includes(name)
      ? 'a whole number'
      : 'a text'
  throw new RequestError(400, 'invalid_request', `${name} must be ${kinds}`)
}

/** A scope value (RFC 6749 section 3.3): with a space in it, one would become two. */
function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^\S+$/.test(value)
}

/** JSON leaves it open which of two members of one name counts (RFC 8259 section 4); the parser takes the last. */
function refuseTwice(json: string): void {
  const strings = json.matchAll(/("(?:[^"\\]|\\.)*")(\s*:)?/gs)
  const names = [...strings].flatMap(([, text = '', colon]) => (colon === undefined ? [] : [String(JSON.parse(text))]))
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice === undefined) return
  throw new RequestError(400, 'invalid_request', `'${twice}' parameter must not be provided twice`)
}
