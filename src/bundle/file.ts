import { InvalidArgumentError, LimitExceededError } from '../errors.ts'
import { checkNumber } from '../format/argument.ts'
import { rawCodec } from '../format/dag-links.ts'
import { dagDepthMax, readAheadBlocksMax, readBytesMax, remoteSpanBytes } from '../limits.ts'
import { below } from './dag-reader.ts'
import { fileNode } from './file-node.ts'
import { partOfFile } from './file-part.ts'
import { invalid } from './unixfs-node.ts'
import type { DagPlace, DagReader } from './dag-reader.ts'
import type { FileNode } from './unixfs-node.ts'
import type { ReadOptions } from '../interface/bundle.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { FileBlock } from '../interface/table.ts'
import type { DagPosition } from '../interface/transfer.ts'
import type { CID } from 'multiformats/cid'

/** A file and the size that its directory gives it. */
export interface FilePlace extends DagPlace {
  size: number
}

/** Content that is at hand, or a raw block that holds it. `at` is its first byte in the file. */
type Piece = { at: number, bytes: Uint8Array, cid: CID } | { at: number, leaf: DagPlace, size: number }

interface Frame {
  node: FileNode
  position: DagPosition
  next: number
  /** Where the next part starts in the file. */
  at: number
}

/**
 * Reads a part of a file, block by block, with a few blocks read ahead. Only blocks of that part are read; what other nodes
 * have is fetched in spans, the next one while one is read.
 *
 * @throws {@link InvalidArgumentError} when `offset` or `length` is not a whole number from 0
 * @throws {@link InvalidDagError} when a block is not what the one above says it is
 */
export async function * readFile (reader: DagReader, file: FilePlace, options: ReadOptions = {}): AsyncGenerator<Uint8Array> {
  const [start, end] = rangeOf(file, options)
  // A raw file that is said to be empty is read nevertheless: its size was never compared with its block.
  if (start >= end && !(file.size === 0 && file.cid.code === rawCodec)) return
  if (file.cid.code === rawCodec) {
    // What is one block is fetched when it is read.
    const { bytes } = await load(reader, { at: 0, leaf: file, size: file.size }, options)
    if (start < end) yield bytes.subarray(start, end)
    return
  }
  const ended = new AbortController()
  const signal = options.signal === undefined ? ended.signal : AbortSignal.any([ended.signal, options.signal])
  const isPrepared = reader.prepare !== undefined
  const spanBytes = isPrepared ? remoteSpanBytes : Infinity
  const prepare = async (at: number): Promise<void> => {
    if (at >= end && at > start) return
    const part = await partOfFile(reader, file, { start: at, end: Math.min(at + spanBytes, end) }, { signal })
    await reader.prepare?.(part, { signal })
  }
  try {
    let prepared = isPrepared ? prepare(start) : undefined
    for (let at = start; at === start || at < end; at += spanBytes) {
      await prepared
      if (prepared !== undefined) prepared = prepare(at + spanBytes)
      // It may fail before it is its turn, or never be needed.
      prepared?.catch(() => {})
      yield * readSpan(reader, file, [at, Math.min(at + spanBytes, end)], signal)
    }
  } catch (error) {
    options.signal?.throwIfAborted()
    throw error
  } finally {
    ended.abort()
  }
}

async function * readSpan (
  reader: DagReader, file: FilePlace, [start, end]: readonly [number, number], signal: AbortSignal
): AsyncGenerator<Uint8Array> {
  const pieces = piecesOf(reader, file, start, end, { signal })
  const ahead: Promise<{ at: number, bytes: Uint8Array }>[] = []
  for (let isLast = false; !isLast || ahead.length > 0;) {
    while (!isLast && ahead.length < readAheadBlocksMax) {
      const { done, value } = await pieces.next()
      if (done === true) isLast = true
      else ahead.push(load(reader, value, { signal }))
    }
    const piece = await ahead.shift()
    signal.throwIfAborted()
    const bytes = piece?.bytes.subarray(Math.max(0, start - piece.at), end - piece.at)
    if (bytes !== undefined && bytes.byteLength > 0) yield bytes
  }
}

/**
 * Reads a part of a file into memory.
 *
 * @throws {@link LimitExceededError} when that part has more than `bytesMax` bytes
 */
export async function readBytes (
  reader: DagReader, file: FilePlace, options: ReadOptions & { bytesMax?: number } = {}
): Promise<Uint8Array<ArrayBuffer>> {
  const { bytesMax = readBytesMax } = options
  checkNumber(bytesMax, 'bytesMax', { min: 0, max: Number.MAX_SAFE_INTEGER })
  const [start, end] = rangeOf(file, options)
  const size = Math.max(0, end - start)
  if (size > bytesMax) {
    throw new LimitExceededError(`The file has ${size} bytes to read, more than ${bytesMax}: stream it, or raise bytesMax`,
      { limit: 'bytesMax', max: bytesMax, actual: size })
  }
  const bytes = new Uint8Array(size)
  let at = 0
  for await (const piece of readFile(reader, file, options)) {
    bytes.set(piece, at)
    at += piece.byteLength
  }
  return bytes
}

/**
 * Names the blocks that hold a part of a file, in their order, and reads none of them but those with links.
 *
 * @throws as {@link readFile} does
 */
export async function * blocksOf (reader: DagReader, file: FilePlace, options: ReadOptions = {}): AsyncGenerator<FileBlock> {
  const [start, end] = rangeOf(file, options)
  if (start >= end) return
  if (file.cid.code === rawCodec) {
    yield { cid: file.cid, start: 0, size: file.size }
    return
  }
  await reader.prepare?.(below(file, 'inner'), options)
  for await (const piece of piecesOf(reader, file, start, end, options)) {
    if ('bytes' in piece) yield { cid: piece.cid, start: piece.at, size: piece.bytes.byteLength }
    else yield { cid: piece.leaf.cid, start: piece.at, size: piece.size }
  }
}

function rangeOf (
  { size }: FilePlace, { offset = 0, length = Number.MAX_SAFE_INTEGER }: ReadOptions
): [start: number, end: number] {
  for (const [name, value] of Object.entries({ offset, length })) {
    if (!Number.isSafeInteger(value) || value < 0) {
      throw new InvalidArgumentError(`${name} must be a whole number from 0, and is ${String(value)}`, { [name]: value })
    }
  }
  return [offset, Math.min(size, offset + length)]
}

async function * piecesOf (
  reader: DagReader, file: FilePlace, start: number, end: number, options: AbortOptions
): AsyncGenerator<Piece, undefined> {
  const frames: Frame[] = []
  const open = async (place: DagPlace, size: number, at: number): Promise<Piece> => {
    const node = await readNode(reader, place, size, options)
    if (node.parts.length > 0 && frames.length >= dagDepthMax) throw invalid(place.cid, `is part of a file more than ${dagDepthMax} deep`)
    frames.push({ node, position: place.position, next: 0, at: at + node.data.byteLength })
    return { at, bytes: node.data, cid: place.cid }
  }
  const own = await open(file, file.size, 0)
  if (overlaps(own, start, end)) yield own
  for (let frame = frames.at(-1); frame !== undefined; frame = frames.at(-1)) {
    const index = frame.next++
    const part = frame.node.parts[index]
    if (part === undefined || frame.at >= end) {
      frames.pop()
      continue
    }
    const { at } = frame
    frame.at += part.size
    if (frame.at <= start) continue
    const place = { cid: part.cid, position: [...frame.position, index] }
    if (part.cid.code === rawCodec) {
      yield { at, leaf: place, size: part.size }
      continue
    }
    const piece = await open(place, part.size, at)
    if (overlaps(piece, start, end)) yield piece
  }
}

function overlaps (piece: Piece, start: number, end: number): boolean {
  const size = 'bytes' in piece ? piece.bytes.byteLength : piece.size
  return size > 0 && piece.at < end && piece.at + size > start
}

async function readNode (reader: DagReader, place: DagPlace, size: number, options: AbortOptions): Promise<FileNode> {
  const node = await fileNode(reader, place, options)
  checkSize(place, node.size, size)
  return node
}

/** Never rejects before it is awaited: what was read ahead of an error is of no interest any more. */
function load (reader: DagReader, piece: Piece, options: AbortOptions): Promise<{ at: number, bytes: Uint8Array }> {
  if ('bytes' in piece) return Promise.resolve(piece)
  const { at, leaf, size } = piece
  const loaded = reader.get(leaf, options).then(bytes => {
    checkSize(leaf, bytes.byteLength, size)
    return { at, bytes }
  })
  loaded.catch(() => {})
  return loaded
}

function checkSize ({ cid }: DagPlace, actual: number, expected: number): void {
  if (actual !== expected) throw invalid(cid, `has ${actual} bytes of content, and the block above says ${expected}`)
}
