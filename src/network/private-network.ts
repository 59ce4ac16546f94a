/**
 * The wire of a private network, as in https://github.com/libp2p/specs/blob/master/pnet/Private-Networks-PSK-V1.md: each side
 * sends a nonce of 24 bytes, and from then on everything under XSalsa20 with the network's key and its own nonce. Who does not
 * have the key sees noise, and learns nothing. Nothing is authenticated here: that is what Noise does above.
 *
 * Not by `@libp2p/pnet`, whose cipher keeps some memory for every connection that there ever was.
 */
import { randomBytes } from 'node:crypto'
import { AbstractMultiaddrConnection, byteStream } from '@libp2p/utils'
import { NetworkKeyMismatchError } from '../errors.ts'
import { routeOf } from './dial-gate.ts'
import { gatherWrites } from './gathered-writes.ts'
import { KeyStream } from './key-stream.ts'
import type { AbortOptions, ConnectionProtector, MultiaddrConnection } from '@libp2p/interface'
import type { SendResult } from '@libp2p/utils'
import type { Multiaddr } from '@multiformats/multiaddr'
import type { Uint8ArrayList } from 'uint8arraylist'

const nonceBytes = 24
/** What every peer says first. */
const greeting = new TextEncoder().encode('\x13/multistream/1.0.0\n')

/** Lets nobody through but those who have the network's key. */
export class PrivateNetwork implements ConnectionProtector {
  readonly #key: Uint8Array
  /** Where somebody was dialled who seems to have another key. */
  readonly #mismatched = new Set<string>()

  /** `key` is 32 bytes. */
  constructor (key: Uint8Array) {
    this.#key = key
  }

  /** @throws {@link NetworkKeyMismatchError} when the other side has no key */
  async protect (connection: MultiaddrConnection, options: AbortOptions = {}): Promise<MultiaddrConnection> {
    gatherWrites(connection)
    const ownNonce = randomBytes(nonceBytes)
    const bytes = byteStream(connection)
    const [start] = await Promise.all([bytes.read({ bytes: greeting.length, ...options }), bytes.write(ownNonce, options)])
    if (isGreeting(start.subarray())) {
      throw new NetworkKeyMismatchError(`${connection.remoteAddr.toString()} has no network key, and this node has one`)
    }
    const end = await bytes.read({ bytes: nonceBytes - greeting.length, ...options })
    const peerNonce = Uint8Array.from([...start.subarray(), ...end.subarray()])
    return new ProtectedConnection({
      connection: bytes.unwrap(),
      inbound: new KeyStream(this.#key, peerNonce),
      outbound: new KeyStream(this.#key, ownNonce),
      onMismatch: () => { if (connection.direction === 'outbound') this.#mismatched.add(routeOf(connection.remoteAddr)) }
    })
  }

  /** Did whoever answered there have another key, as far as can be seen? It is forgotten by being asked for. */
  takeMismatch (address: Multiaddr): boolean {
    return this.#mismatched.delete(routeOf(address))
  }
}

interface ProtectedConnectionInit {
  connection: MultiaddrConnection
  inbound: KeyStream
  outbound: KeyStream
  /** Called when the other side sends something that is no greeting under the key, or goes without one. */
  onMismatch: () => void
}

class ProtectedConnection extends AbstractMultiaddrConnection {
  readonly #connection: MultiaddrConnection
  readonly #inbound: KeyStream
  readonly #outbound: KeyStream
  readonly #onMismatch: () => void
  #greeted = 0

  constructor ({ connection, inbound, outbound, onMismatch }: ProtectedConnectionInit) {
    super({ remoteAddr: connection.remoteAddr, direction: connection.direction, log: connection.log.newScope('private-network') })
    this.#connection = connection
    this.#inbound = inbound
    this.#outbound = outbound
    this.#onMismatch = onMismatch
    connection.addEventListener('close', ({ error, local }) => {
      if (this.#greeted < greeting.length) onMismatch()
      if (error === undefined) this.onTransportClosed()
      else if (local === true) this.abort(error)
      else this.onRemoteReset()
    })
    connection.addEventListener('drain', () => { this.onMuxerDrain() })
    connection.addEventListener('message', ({ data }) => { this.#receive(data) })
  }

  override sendData (data: Uint8ArrayList): SendResult {
    return { sentBytes: data.byteLength, canSendMore: this.#connection.send(this.#outbound.update(data.subarray())) }
  }

  override async sendClose (options?: AbortOptions): Promise<void> {
    await this.#connection.close(options)
  }

  override sendReset (error: Error): void {
    this.#connection.abort(error)
  }

  override sendPause (): void {
    this.#connection.pause()
  }

  override sendResume (): void {
    this.#connection.resume()
  }

  /** What this throws would end the process. */
  #receive (data: Uint8Array | Uint8ArrayList): void {
    try {
      const plain = this.#inbound.update(data.subarray())
      const expected = greeting.subarray(this.#greeted, this.#greeted + plain.byteLength)
      if (!expected.every((byte, i) => byte === plain[i])) {
        this.#onMismatch()
        throw new NetworkKeyMismatchError(`${this.remoteAddr.toString()} has another network key`)
      }
      this.#greeted += expected.length
      this.onData(plain)
    } catch (error) {
      this.abort(error instanceof Error ? error : new Error(String(error)))
    }
  }
}

function isGreeting (bytes: Uint8Array): boolean {
  return greeting.every((byte, i) => byte === bytes[i])
}
