import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { LinkLane } from './link-lane.ts'
import type { AddressInfo, Server, Socket } from 'node:net'

/** `up` is what the side that connects sends, `down` what it gets. */
export type Direction = 'up' | 'down'

/** A link to put in front of a TCP port of this machine. */
export interface ProxyInit {
  /** Port to forward to. */
  target: number
  /** Milliseconds that every byte takes, in each direction. */
  oneWayDelayMs?: number
  /** What the link carries in each direction, over all its connections. By default everything. */
  bytesPerSecond?: number
  /** Called when bytes have come, before they are delayed. */
  onBytes?: (direction: Direction, bytes: number) => void
}

/** What a link has carried. */
export interface ProxyStats {
  connections: number
  upBytes: number
  downBytes: number
  /** How often bytes came from the other side than those before them: a request and its answer are two. */
  directionChanges: number
}

/** A link in front of a TCP port. */
export interface Proxy {
  readonly port: number
  stats(): ProxyStats
  /** Delivers nothing any more, and keeps its connections, until `resume()`. */
  stall(): void
  resume(): void
  /** Resets every connection. New ones are taken. */
  killConnections(): void
  /** Resets every connection and takes no more. */
  stop(): Promise<void>
}

/**
 * Starts a TCP link with a delay and a rate in front of a port of this machine. Bytes of one direction stay in order. A
 * side that does not read holds back the other one, as it would without the link.
 */
export async function startProxy (init: ProxyInit): Promise<Proxy> {
  const proxy = new TcpProxy(init)
  await proxy.listen()
  return proxy
}

class TcpProxy implements Proxy {
  readonly #init: ProxyInit
  readonly #server: Server
  readonly #lanes: Record<Direction, LinkLane>
  readonly #sockets = new Set<Socket>()
  readonly #stats: ProxyStats = { connections: 0, upBytes: 0, downBytes: 0, directionChanges: 0 }
  #last: Direction | undefined

  constructor (init: ProxyInit) {
    this.#init = init
    const { oneWayDelayMs = 0, bytesPerSecond = Infinity } = init
    this.#lanes = {
      up: new LinkLane({ delayMs: oneWayDelayMs, bytesPerSecond }),
      down: new LinkLane({ delayMs: oneWayDelayMs, bytesPerSecond })
    }
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => { this.#accept(socket) })
  }

  get port (): number {
    return (this.#server.address() as AddressInfo).port
  }

  async listen (): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
  }

  stats (): ProxyStats {
    return { ...this.#stats }
  }

  stall (): void {
    this.#lanes.up.stall()
    this.#lanes.down.stall()
  }

  resume (): void {
    this.#lanes.up.resume()
    this.#lanes.down.resume()
  }

  killConnections (): void {
    for (const socket of this.#sockets) socket.resetAndDestroy()
  }

  async stop (): Promise<void> {
    const closed = once(this.#server, 'close')
    this.#server.close()
    this.killConnections()
    this.#lanes.up.stop()
    this.#lanes.down.stop()
    await closed
  }

  #accept (client: Socket): void {
    const server = connect({ port: this.#init.target, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    this.#stats.connections++
    this.#follow(client, server)
    this.#follow(server, client)
    this.#carry('up', client, server)
    this.#carry('down', server, client)
  }

  /** What ends one side by force ends the other one. */
  #follow (socket: Socket, other: Socket): void {
    this.#sockets.add(socket)
    socket.on('error', () => { other.resetAndDestroy() })
    socket.on('close', () => {
      this.#sockets.delete(socket)
      if (!socket.writableFinished || !socket.readableEnded) other.destroy()
    })
  }

  #carry (direction: Direction, from: Socket, to: Socket): void {
    const flow = this.#lanes[direction].flow(from, to)
    from.on('data', (bytes: Buffer) => {
      this.#count(direction, bytes.length)
      flow.push(bytes)
    })
    from.on('end', () => { flow.end() })
  }

  #count (direction: Direction, bytes: number): void {
    if (this.#last !== undefined && this.#last !== direction) this.#stats.directionChanges++
    this.#last = direction
    this.#stats[direction === 'up' ? 'upBytes' : 'downBytes'] += bytes
    this.#init.onBytes?.(direction, bytes)
  }
}
