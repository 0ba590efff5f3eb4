import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { type Answer, readAnswer } from './answer.ts'

const ANSWER_LIMIT_MS = 20_000

export interface Request {
  method?: 'GET' | 'POST'
  path: string
  headers?: Record<string, string>
  form?: Record<string, string>
}

/** One kept connection that asks one thing at a time: a fraction of what `node:http` costs the asking side. */
export class Connection {
  readonly origin: string
  readonly #host: string
  readonly #port: number
  #socket: Socket | undefined
  #bytes: Buffer = Buffer.alloc(0)
  #waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | undefined

  constructor(origin: string) {
    const { host, port } = new URL(origin)
    this.origin = origin
    this.#host = host
    this.#port = Number(port)
  }

  async send(request: Request): Promise<Answer> {
    this.#socket ??= await this.#open()
    const { promise, resolve, reject } = Promise.withResolvers<Answer>()
    this.#waiting = { resolve, reject }
    this.#socket.write(this.#textOf(request))
    return promise
  }

  close(): void {
    this.#socket?.destroy()
    this.#socket = undefined
  }

  async #open(): Promise<Socket> {
    const socket = connect({ port: this.#port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    socket.setTimeout(ANSWER_LIMIT_MS, () => socket.destroy(new Error('no answer in time')))
    socket.on('data', (chunk: Buffer) => this.#take(chunk))
    socket.on('error', (error) => this.#fail(error))
    socket.on('close', () => this.#fail(new Error('the server closed the connection')))
    return socket
  }

  #textOf({ method = 'GET', path, headers = {}, form }: Request): string {
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    const start = `${method} ${path} HTTP/1.1\r\nhost: ${this.#host}\r\n${lines.join('')}`
    if (!form) return `${start}\r\n`
    const body = new URLSearchParams(form).toString()
    return `${start}content-type: application/x-www-form-urlencoded\r\ncontent-length: ${body.length}\r\n\r\n${body}`
  }

  #take(chunk: Buffer): void {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    try {
      const answer = readAnswer(this.#bytes)
      if (!answer) return
      this.#bytes = Buffer.alloc(0)
      this.#waiting?.resolve(answer)
      this.#waiting = undefined
    } catch (error) {
      this.#socket?.destroy(error as Error)
    }
  }

  #fail(error: Error): void {
    this.#socket = undefined
    this.#bytes = Buffer.alloc(0)
    this.#waiting?.reject(error)
    this.#waiting = undefined
  }
}
