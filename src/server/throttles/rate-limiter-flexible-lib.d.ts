/** Published, but not exported: what every store of the library is made of. */
declare module 'rate-limiter-flexible/lib/RateLimiterStoreAbstract.js' {
  import type { RateLimiterRes } from 'rate-limiter-flexible'

  /** `Options` is whatever a call hands through to the store's own methods. */
  export default abstract class RateLimiterStoreAbstract<Row, Options extends object> {
    constructor(options: { points: number; duration: number; keyPrefix: string })
    readonly points: number
    readonly msDuration: number
    getKey(key: string): string
    consume(key: string, points: number, options: Options): Promise<RateLimiterRes>
    reward(key: string, points: number, options: Options): Promise<RateLimiterRes>
    block(key: string, seconds: number, options: Options): Promise<RateLimiterRes>
    protected abstract _upsert(
      name: string,
      points: number,
      ms: number,
      isForced: boolean,
      options: Options,
    ): Promise<Row>
    protected abstract _getRateLimiterRes(name: string, changedPoints: number, row: Row): RateLimiterRes
  }
}

declare module 'rate-limiter-flexible/lib/RateLimiterRes.js' {
  export { RateLimiterRes as default } from 'rate-limiter-flexible'
}
