import { once } from 'node:events'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A call of Ethereum's JSON-RPC. */
export interface RpcCall {
  method: string
  params: unknown[]
}

/**
 * What a call is answered: as the node does, with something else than the node's result, with an error, with text that is no
 * JSON, with HTTP's 503, with a reset, or never.
 */
export type RpcAnswer = 'forward' | 'garbage' | 'fail' | 'reset' | 'stall'
  | { result: unknown }
  | { error: { code: number, message: string } }
  | { change: (result: unknown) => unknown }

/** A JSON-RPC endpoint in front of another one, which fails, stalls and lies on demand. */
export interface RpcProxy extends AsyncDisposable {
  readonly url: string
  /** The methods that it was asked for, in their order. */
  readonly asked: string[]
  /** Says what is done with each call from now on. At first all are forwarded. */
  answer(how: RpcAnswer | ((call: RpcCall) => RpcAnswer)): void
  stop(): Promise<void>
}

interface Envelope extends RpcCall {
  id: number
}

/** Starts an endpoint in front of the one at `target`. */
export async function startRpcProxy (target: string): Promise<RpcProxy> {
  const proxy = new HttpProxy(target)
  await proxy.listen()
  return proxy
}

class HttpProxy implements RpcProxy {
  readonly asked: string[] = []
  readonly #target: string
  readonly #server: Server
  #how: (call: RpcCall) => RpcAnswer = () => 'forward'

  constructor (target: string) {
    this.#target = target
    this.#server = createServer((request, response) => {
      this.#serve(request, response).catch(() => response.destroy())
    })
  }

  get url (): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`
  }

  async listen (): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  answer (how: RpcAnswer | ((call: RpcCall) => RpcAnswer)): void {
    this.#how = typeof how === 'function' ? how : () => how
  }

  async stop (): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.#server.closeAllConnections()
    await closed
  }

  async [Symbol.asyncDispose] (): Promise<void> {
    await this.stop()
  }

  async #serve (request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = await json(request) as Envelope
    this.asked.push(call.method)
    const how = this.#how(call)
    if (how === 'stall') return
    if (how === 'reset') request.socket.destroy()
    else if (how === 'fail') response.writeHead(503).end('busy')
    else if (how === 'garbage') response.writeHead(200, { 'content-type': 'application/json' }).end('<html>')
    else response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(await this.#reply(call, how)))
  }

  async #reply (call: Envelope, how: Exclude<RpcAnswer, string> | 'forward'): Promise<object> {
    const frame = { jsonrpc: '2.0', id: call.id }
    if (how !== 'forward' && !('change' in how)) return { ...frame, ...how }
    const answer = await fetch(this.#target, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(call) })
    const body = await answer.json() as { result?: unknown }
    return how === 'forward' || !('result' in body) ? body : { ...frame, result: how.change(body.result) }
  }
}
