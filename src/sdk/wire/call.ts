import * as z from 'zod/mini'
import { RequestLabel } from '../../contract/request-label.ts'
import { argumentError, readArguments } from './arguments.ts'
import { AuthError } from './auth-error.ts'
import { timeLimitMs } from './send.ts'

/** What every call to the issuer takes beside its arguments. */
export interface CallOptions {
  /** Ends the call; it rejects with the signal's reason, a `DOMException` named `AbortError` unless another was given. */
  readonly signal?: AbortSignal
  /**
   * Longest time the call may take, second tries included, in milliseconds.
   *
   * @defaultValue 30 000
   */
  readonly timeoutMs?: number
  /**
   * What this request is called in the issuer's log and in errors: up to 64 letters, digits and `._:/#-`. It is written
   * down, so it must be nothing secret or personal.
   */
  readonly label?: string
}

/** A call under way. */
export interface Call {
  /** Ends with the caller's, or when the time is over. */
  readonly signal: AbortSignal
  readonly label: string | undefined
  readonly timeoutMs: number
  /** Milliseconds before the time is over. */
  timeLeftMs(): number
}

/** Longest time `setTimeout` takes. */
const longestTimeoutMs = 2 ** 31 - 1

/**
 * Does some work within the limits of a call, and names the call in its errors.
 *
 * @throws {AuthError} `argument-invalid` for options that are wrong, `timeout` when the time is over, and what the work
 * throws; the reason of the caller's signal.
 */
export async function within<T>(name: string, options: CallOptions, work: (call: Call) => Promise<T>): Promise<T> {
  const { signal, label, timeoutMs } = checkOptions(name, options)
  signal?.throwIfAborted()
  const controller = new AbortController()
  const end = () => controller.abort(signal?.reason)
  const timer = setTimeout(() => controller.abort(new AuthError('timeout', { label })), timeoutMs)
  signal?.addEventListener('abort', end)
  const endsAt = Date.now() + timeoutMs
  try {
    return await work({ signal: controller.signal, label, timeoutMs, timeLeftMs: () => endsAt - Date.now() })
  } catch (error) {
    throw withLabel(error, label)
  } finally {
    clearTimeout(timer)
    signal?.removeEventListener('abort', end)
  }
}

function checkOptions(name: string, options: CallOptions) {
  const given = readArguments(name, options, ['signal', 'timeoutMs', 'label'])
  const { signal, timeoutMs = timeLimitMs, label } = options
  if (signal !== undefined && !isSignal(signal)) given.refuse('signal', 'must be an AbortSignal')
  const isDuration = typeof timeoutMs === 'number' && timeoutMs > 0 && timeoutMs <= longestTimeoutMs
  if (!isDuration) given.refuse('timeoutMs', 'must be a number of milliseconds above 0')
  if (label !== undefined && !z.safeParse(RequestLabel, label).success) {
    throw argumentError(name, '`label` must be 1 to 64 letters, digits or any of ._:/#-')
  }
  return { signal, timeoutMs, label }
}

/** By what it does: a signal may come from another realm. */
function isSignal(value: AbortSignal): boolean {
  return typeof value?.addEventListener === 'function' && typeof value.throwIfAborted === 'function'
}

/** Work may be shared by calls of several names. */
function withLabel(error: unknown, label: string | undefined): unknown {
  if (!(error instanceof AuthError) || error.label === label) return error
  return new AuthError(error.code, { ...error, message: error.message, cause: error.cause, label })
}
