/**
 * Tiles: how a log is stored and served (https://c2sp.org/tlog-tiles, which also says how the tree is cut into them).
 *
 * ```
 * tile/<level>/<index>[.p/<width>]        hashes of 32 bytes, one after the other: 1 to 256
 * tile/entries/<index>[.p/<width>]        entries, each after its length as a uint16, the high byte first: 1 to 256
 * checkpoint                              the latest signed note
 * ```
 *
 * `<level>` is from 0 to 63, decimal without leading zeros. `<index>` is decimal in groups of three digits, each but the last
 * with an `x` in front and a `/` behind: 1234067 is `x001/x234/067`; there is no group `x000` in front. `<width>` is from 1 to
 * 255, decimal without leading zeros, and stands only where a tile is not full. Each tile has one name.
 *
 * An entry of an audit trail is the EIP-712 digest of a statement (`eip712.ts`): 32 bytes, so that each takes 34. Entries of
 * another length are refused.
 */
import { concatBytes } from '@noble/hashes/utils.js'
import { InvalidTileError } from '../errors.ts'
import { tileHashes, tilePathCharactersMax } from '../limits.ts'
import type { Tile } from '../interface/merkle.ts'
import { checkBytes, checkObject, describeValue } from './argument.ts'
import { quote } from './quote.ts'

/** What a tile is called by: the entries themselves are stored beside the hashes of level 0. */
export interface TileName extends Omit<Tile, 'level'> {
  level: number | 'entries'
}

/** Bytes of a hash, and of an entry. */
const itemBytes = 32
const lengthBytes = 2
const levelMax = 63
const base = 1000
const form = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/)*[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/

/**
 * Writes the name of a tile.
 *
 * @throws {@link InvalidTileError} when there is no such tile
 */
export function formatTilePath (tile: TileName): string {
  checkTile(tile)
  const { level, index, width } = tile
  let path = groupOf(index)
  for (let rest = Math.floor(index / base); rest > 0; rest = Math.floor(rest / base)) path = `x${groupOf(rest)}/${path}`
  return `tile/${level}/${path}${width === tileHashes ? '' : `.p/${width}`}`
}

/**
 * Reads the name of a tile.
 *
 * @throws {@link InvalidTileError} when it is not the one name of a tile
 */
export function parseTilePath (path: string): TileName {
  const given: unknown = path
  const [, level, groups, width] = (typeof given === 'string' && given.length <= tilePathCharactersMax ? form.exec(given) : null) ?? []
  if (level === undefined || groups === undefined) throw noName(given)
  const index = groups.split('/').reduce((number, group) => number * base + Number(group.slice(-3)), 0)
  const tile: TileName = { level: level === 'entries' ? level : Number(level), index, width: width === undefined ? tileHashes : Number(width) }
  if (!isTile(tile) || formatTilePath(tile) !== given) throw noName(given)
  return tile
}

/**
 * Writes the hashes of a tile.
 *
 * @throws {@link InvalidTileError} when they are not 1 to 256 of 32 bytes each
 */
export function encodeTile (hashes: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  checkItems(hashes, 'hashes')
  return Uint8Array.from(concatBytes(...hashes))
}

/**
 * Reads the hashes of a tile.
 *
 * @throws {@link InvalidTileError} when the bytes are not 1 to 256 hashes
 */
export function decodeTile (bytes: Uint8Array): Uint8Array[] {
  return itemsOf(bytes, 0, 'hashes')
}

/**
 * Writes entries as they are stored together.
 *
 * @throws {@link InvalidTileError} when they are not 1 to 256 of 32 bytes each
 */
export function encodeEntries (entries: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  checkItems(entries, 'entries')
  return Uint8Array.from(concatBytes(...entries.flatMap(entry => [Uint8Array.of(0, itemBytes), entry])))
}

/**
 * Reads entries that are stored together.
 *
 * @throws {@link InvalidTileError} when the bytes are not 1 to 256 entries of 32 bytes, each after its length
 */
export function decodeEntries (bytes: Uint8Array): Uint8Array[] {
  const entries = itemsOf(bytes, lengthBytes, 'entries')
  for (let at = 0; at < bytes.length; at += lengthBytes + itemBytes) {
    const length = (bytes[at] ?? 0) * 256 + (bytes[at + 1] ?? 0)
    if (length !== itemBytes) throw new InvalidTileError(`An entry at byte ${at} has ${length} bytes; entries have ${itemBytes}`, { byte: at, length })
  }
  return entries
}

/** Items that each stand after a few other bytes. */
function itemsOf (bytes: Uint8Array, before: number, what: string): Uint8Array[] {
  checkBytes(bytes, what)
  const each = before + itemBytes
  const count = bytes.byteLength / each
  if (!Number.isInteger(count) || count < 1 || count > tileHashes) {
    throw new InvalidTileError(`${bytes.byteLength} bytes are not 1 to ${tileHashes} ${what} of ${each} bytes`, { bytes: bytes.byteLength })
  }
  // Copies. (`slice` of a Buffer is none.)
  return Array.from({ length: count }, (_, at) => new Uint8Array(bytes.subarray(at * each + before, (at + 1) * each)))
}

function checkItems (items: readonly Uint8Array[], what: string): void {
  const given: unknown = items
  if (Array.isArray(given) && given.length >= 1 && given.length <= tileHashes && Array.from<unknown>(given).every(isItem)) return
  throw new InvalidTileError(`A tile must have 1 to ${tileHashes} ${what} of ${itemBytes} bytes, and has ${describeValue(given)}`)
}

function isItem (value: unknown): boolean {
  return value instanceof Uint8Array && value.byteLength === itemBytes
}

function checkTile (tile: unknown): asserts tile is TileName {
  checkObject(tile, 'tile')
  if (isTile(tile)) return
  throw new InvalidTileError(`There is no tile ${describeValue(tile['index'])} of level ${describeValue(tile['level'])} and width ${describeValue(tile['width'])}`,
    { level: tile['level'], index: tile['index'], width: tile['width'] })
}

function isTile ({ level, index, width }: Record<keyof TileName, unknown> | Record<string, unknown>): boolean {
  return (level === 'entries' || isWithin(level, 0, levelMax)) && isWithin(index, 0, Number.MAX_SAFE_INTEGER) && isWithin(width, 1, tileHashes)
}

function isWithin (value: unknown, min: number, max: number): boolean {
  return Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max
}

function noName (value: unknown): InvalidTileError {
  return new InvalidTileError(`${typeof value === 'string' ? quote(value) : describeValue(value)} is not the name of a tile: tile/<level>/<index>[.p/<width>]`)
}

function groupOf (index: number): string {
  return String(index % base).padStart(3, '0')
}
