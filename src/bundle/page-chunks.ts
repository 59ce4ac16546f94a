/**
 * Content-defined chunks, scheme `gear-2`: content of more than 256 KiB that starts with `PAR1`, as Parquet does, is cut between
 * its pages, so that a column can be read without its neighbours, and columns that stay as they were stay the same blocks. All
 * other content is cut as scheme `gear-1` says (`content-chunks.ts`).
 *
 * ```
 * page    a structure in Thrift's compact protocol, of at most 16 KiB and 64 values; after it as many bytes as its field 3 says
 *         field 1  0 with a structure in field 5, 1 with one in 6, 2 with one in 7, or 3 with one in 8
 *         field 2  a number
 *         field 3  a number from 0
 * ```
 *
 * The first page starts at byte 4, each other one where the one before it ends; the four bytes before the first one belong to it.
 * A page of more than 64 KiB is cut every 1 MiB, and shares no chunk with others. Of the others, as many as follow one another
 * make one chunk as together have at most 64 KiB; a page of type 2, a dictionary, with which a column starts, is the first of
 * a chunk where those before it have at least 16 KiB. What follows the last page, from the first byte at which there is none, is
 * cut as content of its own by `gear-1`.
 */
import { InvalidTableError } from '../errors.ts'
import { readThrift } from '../format/thrift.ts'
import { chunkBytes } from './chunks.ts'
import { contentChunksOf } from './content-chunks.ts'
import type { ThriftStruct } from '../format/thrift.ts'

/** What the scheme is called in the manifest of a dataset. */
export const pageChunking = 'gear-2'

const magic = [0x50, 0x41, 0x52, 0x31]
const wholeBytesMax = 256 * 1024
const headerBytesMax = 16 * 1024
const headerValuesMax = 64
const gatheredBytesMax = 64 * 1024
const gatheredBytesMin = 16 * 1024

/** The field in which each type of a page says more. */
const detailFields = [5, 6, 7, 8]
const dictionaryType = 2

interface Page {
  bytes: number
  isDictionary: boolean
}

/**
 * Cuts content between the pages of Parquet. Every chunk has its own memory: the pieces may change as soon as the next one is
 * asked for.
 */
export async function * pageChunksOf (pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const content = new Content(pieces)
  try {
    const isLarge = await content.fill(wholeBytesMax + 1) > wholeBytesMax
    if (isLarge && magic.every((byte, at) => content.peek(at, 1)[0] === byte)) yield * pagesOf(content)
    yield * contentChunksOf(content.rest())
  } finally {
    await content.close()
  }
}

/** Takes all pages, and leaves what follows them. */
async function * pagesOf (content: Content): AsyncGenerator<Uint8Array> {
  let [gathered, before] = [0, magic.length]
  for (;;) {
    await content.fill(gathered + before + headerBytesMax)
    const page = readPage(content.peek(gathered + before, headerBytesMax))
    const bytes = before + (page?.bytes ?? 0)
    const isFull = gathered + bytes > gatheredBytesMax || (page?.isDictionary === true && gathered >= gatheredBytesMin)
    if (gathered > 0 && (page === undefined || isFull)) {
      yield content.take(gathered)
      gathered = 0
    }
    if (page === undefined) return
    before = 0
    if (bytes <= gatheredBytesMax) gathered += bytes
    else yield * largePage(content, bytes)
  }
}

async function * largePage (content: Content, bytes: number): AsyncGenerator<Uint8Array> {
  for (let left = bytes; left > 0;) {
    const there = Math.min(left, chunkBytes, await content.fill(Math.min(left, chunkBytes)))
    if (there === 0) return
    yield content.take(there)
    left -= there
  }
}

/** The page of which these bytes are the first; undefined when they are none of a page. */
function readPage (bytes: Uint8Array): Page | undefined {
  const header = readHeader(bytes)
  if (header === undefined) return undefined
  const [type, size, compressedSize] = [1, 2, 3].map(id => header.struct.get(id))
  if (typeof type !== 'number' || typeof size !== 'number' || typeof compressedSize !== 'number' || compressedSize < 0) return undefined
  const isPage = header.struct.get(detailFields[type] ?? 0) instanceof Map
  return isPage ? { bytes: header.end + compressedSize, isDictionary: type === dictionaryType } : undefined
}

function readHeader (bytes: Uint8Array): { struct: ThriftStruct, end: number } | undefined {
  try {
    return readThrift(bytes, 0, headerValuesMax)
  } catch (error) {
    if (error instanceof InvalidTableError) return undefined
    throw error
  }
}

/** Content as far as it has come, and what comes of it. */
class Content {
  readonly #pieces: AsyncIterator<Uint8Array>
  /** Twice as long as what is looked at together, so that it is moved to the start now and then. */
  #buffer = new Uint8Array(0)
  #start = 0
  #end = 0
  /** What is left of the newest piece. */
  #piece: Uint8Array = new Uint8Array(0)

  constructor (pieces: AsyncIterable<Uint8Array>) {
    this.#pieces = pieces[Symbol.asyncIterator]()
  }

  /** Waits for so many bytes, at most 1 MiB. @returns how many are there: fewer at the end */
  async fill (bytes: number): Promise<number> {
    if (this.#start + bytes > this.#buffer.byteLength) {
      const there = this.#buffer.subarray(this.#start, this.#end)
      if (this.#buffer.byteLength < 2 * bytes) this.#buffer = new Uint8Array(2 * bytes)
      this.#buffer.set(there)
      ;[this.#start, this.#end] = [0, this.#end - this.#start]
    }
    while (this.#end - this.#start < bytes) {
      if (this.#piece.byteLength === 0) {
        const next = await this.#pieces.next()
        if (next.done === true) break
        this.#piece = next.value
      }
      const part = this.#piece.subarray(0, bytes - (this.#end - this.#start))
      this.#buffer.set(part, this.#end)
      this.#end += part.byteLength
      this.#piece = this.#piece.subarray(part.byteLength)
    }
    return this.#end - this.#start
  }

  /** A view of what is there from a byte on. */
  peek (from: number, bytesMax: number): Uint8Array {
    return this.#buffer.subarray(Math.min(this.#start + from, this.#end), Math.min(this.#start + from + bytesMax, this.#end))
  }

  take (bytes: number): Uint8Array {
    const taken = this.#buffer.slice(this.#start, Math.min(this.#start + bytes, this.#end))
    this.#start += taken.byteLength
    return taken
  }

  async * rest (): AsyncGenerator<Uint8Array> {
    if (this.#end > this.#start) yield this.take(this.#end - this.#start)
    if (this.#piece.byteLength > 0) yield this.#piece
    for (;;) {
      const next = await this.#pieces.next()
      if (next.done === true) return
      yield next.value
    }
  }

  async close (): Promise<void> {
    await this.#pieces.return?.()
  }
}
