import { setImmediate } from 'node:timers'
import { turnMsMax } from '../limits.ts'
import type { Socket } from 'node:net'
import type { Uint8ArrayList } from 'uint8arraylist'

/** Bytes that are read at once. */
const readBytes = 256 * 1024

/** Where every socket of this thread reads to: what came is used, or copied, before anything else is read. */
let memory: Buffer | undefined

/** When nothing more is read in this turn; undefined while no socket has more than was read at once. */
let turnEnd: number | undefined
const waiting = new Set<Socket>()

/**
 * Makes a connection that Noise has secured read from its socket into memory that is used again. By itself every read takes new
 * memory of 64 KiB, which is garbage as soon as it is decrypted.
 *
 * `net` has an option for it, `onread`, but none for sockets that a server accepts: this is the one place that sets what the
 * option sets. Where something is not as expected, nothing happens; nor on Windows, which reads ahead.
 *
 * @returns whether it reads so now
 */
export function reuseReadBuffer (connection: object, secured: object): boolean {
  if (process.platform === 'win32' || !isOverSocket(connection) || !isSecured(secured)) return false
  const { socket } = connection
  const fields = onreadFields(socket)
  const { _handle: handle } = socket
  if (fields === undefined || typeof handle?.useUserBuffer !== 'function' || socket.readableLength > 0) return false
  memory ??= Buffer.allocUnsafeSlow(readBytes)
  Object.assign(socket, {
    [fields.kBuffer]: memory,
    [fields.kBufferCb]: (length: number, bytes: Buffer) => {
      const begun = performance.now()
      socket.emit('data', bytes.subarray(0, length))
      keepOwn(connection.readBuffer, bytes)
      keepOwn(secured.decoder.buffer, bytes)
      return length < bytes.length || readsOn(socket, begun)
    }
  })
  handle.useUserBuffer(memory)
  return true
}

/**
 * Whether a socket that has more to read may read on at once. Otherwise it does so when timers and others had their turn: by
 * itself it is read up to 32 times before.
 */
function readsOn (socket: Socket, begun: number): boolean {
  if (turnEnd === undefined) {
    turnEnd = begun + turnMsMax
    setImmediate(endTurn)
  }
  if (performance.now() < turnEnd) return true
  waiting.add(socket)
  return false
}

function endTurn (): void {
  turnEnd = undefined
  const sockets = [...waiting]
  waiting.clear()
  for (const socket of sockets) {
    // One that was paused meanwhile begins when it is resumed.
    if (!socket.isPaused()) socket.read(0)
  }
}

/** Copies what is left for later of what was just read. */
function keepOwn (left: Uint8ArrayList, { buffer }: Uint8Array): void {
  if (left.byteLength === 0) return
  const pieces = [...left]
  if (pieces.every(piece => piece.buffer !== buffer)) return
  left.consume(left.byteLength)
  for (const piece of pieces) left.append(piece.buffer === buffer ? new Uint8Array(piece) : piece)
}

/** The names of what `onread` sets. */
function onreadFields (socket: Socket): { kBuffer: symbol, kBufferCb: symbol } | undefined {
  const unset = Object.getOwnPropertySymbols(socket).filter(symbol => Reflect.get(socket, symbol) === null)
  const named = (name: string): symbol | undefined => unset.find(({ description }) => description === name)
  const [kBuffer, kBufferCb, kBufferGen] = [named('kBuffer'), named('kBufferCb'), named('kBufferGen')]
  return kBuffer === undefined || kBufferCb === undefined || kBufferGen === undefined ? undefined : { kBuffer, kBufferCb }
}

/** What is used of a connection of `@libp2p/tcp`. */
interface SocketConnection {
  socket: Socket & { _handle?: { useUserBuffer?: (memory: Uint8Array) => void } | null }
  /** What came while it was paused. */
  readBuffer: Uint8ArrayList
}

/** What is used of a connection of `@chainsafe/libp2p-noise`. */
interface SecuredConnection {
  /** Holds the message of which not everything has come. */
  decoder: { buffer: Uint8ArrayList }
}

function isOverSocket (connection: object): connection is SocketConnection {
  const { socket, readBuffer }: { socket?: object, readBuffer?: unknown } = connection
  return typeof socket === 'object' && 'readableLength' in socket && isList(readBuffer)
}

function isSecured (secured: object): secured is SecuredConnection {
  const { decoder }: { decoder?: { buffer?: unknown } } = secured
  return isList(decoder?.buffer)
}

function isList (value: unknown): value is Uint8ArrayList {
  return typeof value === 'object' && value !== null && Symbol.iterator in value && 'consume' in value && 'append' in value
}
