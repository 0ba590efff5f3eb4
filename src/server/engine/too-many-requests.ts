import { errors } from './engine-errors.ts'

/** Whoever asks has had their share for now (RFC 6585 section 4); the edge adds Retry-After. */
export class TooManyRequests extends errors.OIDCProviderError {
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number, description: string) {
    super(429, 'slow_down')
    this.error = 'slow_down'
    this.error_description = description
    this.retryAfterSeconds = retryAfterSeconds
  }
}
