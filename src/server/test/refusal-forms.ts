const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''
const fieldsOf = (body: unknown) => (typeof body === 'object' && body !== null ? (body as Record<string, unknown>) : {})

/** RFC 6749 section 5.2. */
export function isOAuthRefusal(body: unknown): boolean {
  const { error, error_description } = fieldsOf(body)
  return isText(error) && isText(error_description)
}

/** OAuth's form and a list beside it. */
export function isOrderCloudRefusal(body: unknown): boolean {
  const { Errors } = fieldsOf(body)
  if (!Array.isArray(Errors) || Errors.length !== 1) return false
  const { ErrorCode, Message, Data } = fieldsOf(Errors[0])
  return isOAuthRefusal(body) && isText(ErrorCode) && isText(Message) && Data !== undefined
}

export function isCircleRefusal(body: unknown): boolean {
  const { success, message } = fieldsOf(body)
  return success === false && isText(message)
}

/** RFC 9457, with all four members that GeoLens' clients read. */
export function isProblemDetails(body: unknown): boolean {
  const { type, title, status, detail } = fieldsOf(body)
  return isText(type) && isText(title) && typeof status === 'number' && isText(detail)
}

/** The gateway's envelope for 401, the service's for everything else. */
export function isEmporixRefusal(body: unknown): boolean {
  const { fault, status, type, message, details } = fieldsOf(body)
  if (fault !== undefined) return isEmporixFault(fault)
  return typeof status === 'number' && isText(type) && isText(message) && Array.isArray(details)
}

/** The session context has a shorter one. */
export function isEmporixContextRefusal(body: unknown): boolean {
  const { fault, code, message } = fieldsOf(body)
  return fault === undefined ? typeof code === 'number' && isText(message) : isEmporixFault(fault)
}

function isEmporixFault(fault: unknown): boolean {
  const { faultstring, detail } = fieldsOf(fault)
  return isText(faultstring) && isText(fieldsOf(detail).errorcode)
}
