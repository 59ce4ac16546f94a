import { memory } from '@libp2p/memory'
import type { MultiaddrConnection } from '@libp2p/interface'
import type { Transports } from '../../src/network/compose.ts'

type Transport = Transports[number]
type Data = Parameters<MultiaddrConnection['send']>[0]

/** The parts of a connection of `@libp2p/memory` through which all bytes go. */
interface Ends {
  sendData: (data: Data) => { sentBytes: number, canSendMore: boolean }
  onData: (data: Data) => void
}

/** Turns of the event loop without any work after which nobody will send anything more by itself. */
const quietTurns = 200

/**
 * A long line without a clock: what both sides send is held until neither does anything any more, and then crosses at once.
 * So the number of crossings is the number of half round trips, however slow the machine is.
 */
export class Ferry {
  /** Half round trips since it was last set to 0. */
  crossings = 0
  /** Bytes that the listening side sent since it was last set to 0. */
  bytesBack = 0
  /** Messages of the transport that the dialling side sent since it was last set to 0. */
  sendsOut = 0
  #isSlow = false
  readonly #held: (() => void)[] = []
  #quiet = 0

  /** A memory transport whose dialled connections go over this line. */
  get transport (): Transport {
    return (components) => {
      const transport = memory()(components)
      const dial = transport.dial.bind(transport)
      transport.dial = async (address, options) => {
        const { upgrader } = options
        const upgradeOutbound: typeof upgrader.upgradeOutbound = async (connection, upgraderOptions) => {
          this.#tap(connection as unknown as Ends)
          return await upgrader.upgradeOutbound(connection, upgraderOptions)
        }
        const through = Object.create(upgrader, { upgradeOutbound: { value: upgradeOutbound } }) as typeof upgrader
        return await dial(address, { ...options, upgrader: through })
      }
      return transport
    }
  }

  /** Makes the line long until `work` has ended, and counts from 0. */
  async during<T> (work: () => Promise<T>): Promise<T> {
    this.#isSlow = true
    this.crossings = 0
    this.bytesBack = 0
    this.sendsOut = 0
    const done = new AbortController()
    const working = work().finally(() => { done.abort() })
    while (!done.signal.aborted) await this.#turn()
    this.#isSlow = false
    this.#cross()
    return await working
  }

  /** Resolves when nothing is under way any more. */
  async settled (): Promise<void> {
    this.#quiet = 0
    while (this.#quiet < quietTurns) {
      this.#quiet++
      await new Promise(resolve => { setImmediate(resolve) })
    }
  }

  async #turn (): Promise<void> {
    await new Promise(resolve => { setImmediate(resolve) })
    if (this.#quiet++ < quietTurns || this.#held.length === 0) return
    this.crossings++
    this.#cross()
  }

  #cross (): void {
    this.#quiet = 0
    for (const deliver of this.#held.splice(0)) deliver()
  }

  #tap (ends: Ends): void {
    const { sendData, onData } = ends
    ends.sendData = (data) => {
      const { byteLength } = data
      this.sendsOut++
      this.#hold(() => { sendData.call(ends, data) })
      return { sentBytes: byteLength, canSendMore: true }
    }
    ends.onData = (data) => {
      this.bytesBack += data.byteLength
      this.#hold(() => { onData.call(ends, data) })
    }
  }

  #hold (deliver: () => void): void {
    this.#quiet = 0
    if (this.#isSlow) this.#held.push(deliver)
    else deliver()
  }
}
