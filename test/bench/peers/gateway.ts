/**
 * Reads CARs from an HTTP gateway. Without a directory the bytes are only counted; with one every block is checked against its
 * CID, and the CAR is written to a file and synced.
 */
import { hash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { Agent, get } from 'node:http'
import { join } from 'node:path'
import { CarDecoder } from '../../../src/format/car.ts'
import { serveCalls } from '../calls.ts'
import { countWireBytes, measured } from './measured.ts'
import type { FileHandle } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import type { FetchItem, PeerCalls } from '../peer.ts'
import type { Measurement } from './measured.ts'

const writeBytes = 1024 * 1024
const query = 'format=car&dag-scope=all&car-version=1&car-order=dfs&car-dups=n'
let home: string | undefined
let agent = new Agent({ keepAlive: true })
let files = 0

countWireBytes()
serveCalls<PeerCalls>({
  start: async (argument) => {
    home = argument.home
    return []
  },
  publish: async () => { throw new TypeError('A reader publishes nothing') },
  fetch: async argument => {
    if (argument.isCold) {
      agent.destroy()
      agent = new Agent({ keepAlive: true })
    }
    return await measured(argument, fetch)
  }
})

async function fetch ({ ref, from: [gateway = ''] }: FetchItem, { signal, received }: Measurement): Promise<void> {
  const response = await request(`${gateway}/ipfs/${ref}?${query}`, signal)
  let bytes = 0
  const count = (piece: Buffer): void => {
    bytes += piece.length
    received(bytes)
  }
  const pieces = response as AsyncIterable<Buffer>
  if (home !== undefined) { await store(pieces, count, ref, join(home, `${files++}.car`)); return }
  for await (const piece of pieces) count(piece)
}

async function request (url: string, signal: AbortSignal): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => {
    get(url, { agent, signal }, (response) => {
      if (response.statusCode === 200) resolve(response)
      else reject(new Error(`${url} was answered with ${response.statusCode}`))
    }).once('error', reject)
  })
}

async function store (pieces: AsyncIterable<Buffer>, count: (piece: Buffer) => void, ref: string, path: string): Promise<void> {
  const decoder = new CarDecoder()
  const file = await open(path, 'wx')
  try {
    let waiting: Buffer[] = []
    let waitingBytes = 0
    for await (const piece of pieces) {
      count(piece)
      for (const { cid, bytes } of decoder.push(piece)) {
        if (!hash('sha256', bytes, 'buffer').equals(cid.multihash.digest)) throw new Error(`${cid.toString()} is not what was sent`)
      }
      waiting.push(piece)
      waitingBytes += piece.length
      if (waitingBytes < writeBytes) continue
      await write(file, waiting)
      waiting = []
      waitingBytes = 0
    }
    decoder.end()
    if (decoder.roots?.[0]?.toString() !== ref) throw new Error(`The CAR is not of ${ref}`)
    await write(file, waiting)
    await file.sync()
  } finally {
    await file.close()
  }
}

async function write (file: FileHandle, pieces: Buffer[]): Promise<void> {
  if (pieces.length > 0) await file.writev(pieces)
}
