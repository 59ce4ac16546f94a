import { messageMemory } from '../format/claimed-memory.ts'
import type { SendResult } from '@libp2p/utils'
import type { Socket } from 'node:net'
import type { Uint8ArrayList } from 'uint8arraylist'

/**
 * Makes a connection hand all pieces of what it sends to the system by one call. By itself it makes one for each piece, of which
 * a message of Noise has three and a bundle of small files hundreds, and each is a packet that wakes the other side.
 *
 * The transport has no option for it: this is the one place that replaces a method of its connections. Where they are not as
 * expected, nothing happens.
 *
 * @returns whether writes are gathered now
 */
export function gatherWrites (connection: object): boolean {
  if (!isOverSocket(connection)) return false
  const { socket } = connection
  connection.sendData = (data) => {
    socket.cork()
    try {
      for (const piece of data) {
        if (messageMemory.has(piece)) socket.write(piece, () => { messageMemory.free(piece) })
        else socket.write(piece)
      }
    } finally {
      socket.uncork()
    }
    // What the system has taken whole leaves room, although more was written than usually waits.
    return { sentBytes: data.byteLength, canSendMore: !socket.writableNeedDrain || socket.writableLength === 0 }
  }
  return true
}

/** What is used of a connection of `@libp2p/tcp`. */
interface SocketConnection {
  socket: Pick<Socket, 'cork' | 'uncork' | 'write' | 'writableLength' | 'writableNeedDrain'>
  sendData: (data: Uint8ArrayList) => SendResult
}

function isOverSocket (connection: object): connection is SocketConnection {
  const { socket, sendData }: { socket?: Partial<Record<keyof Socket, unknown>>, sendData?: unknown } = connection
  return typeof sendData === 'function' && typeof socket?.cork === 'function' && typeof socket.uncork === 'function' &&
    typeof socket.write === 'function' && typeof socket.writableLength === 'number' && typeof socket.writableNeedDrain === 'boolean'
}
