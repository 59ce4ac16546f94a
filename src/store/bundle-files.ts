import { CarDecoder } from '../format/car.ts'
import { encodeCarHeader, encodeCarSectionHead } from '../format/car-sections.ts'
import type { CarBlock } from '../format/car-sections.ts'
import { carCacheBytesMax, recordBytesMax } from '../limits.ts'
import { blockKey } from './block-key.ts'
import type { FileRange, FileSystem } from './file-system.ts'
import { parseBundleFileName, rootText } from './paths.ts'
import type { RepositoryPaths } from './paths.ts'
import { writeFile } from './place-file.ts'
import type { WrittenFile } from './place-file.ts'
import { decodeRecord, encodeRecord } from './record-file.ts'
import type { RecordFile } from './record-file.ts'
import type { CID } from 'multiformats/cid'

const salvageBytes = 4096
/** A length and a CID; the header of a CAR is no longer than twice as much. */
const sectionHeadBytesMin = 35
const carHeadBytesMax = 64

/** A CAR that is to be written. */
export interface CarLayout {
  chunks: Uint8Array[]
  placed: PlacedBlock[]
}

/** A block and where it stands in a CAR. */
export interface PlacedBlock {
  key: string
  offset: number
  bytes: Uint8Array
}

/** A record that has its bytes and not yet its name. */
export interface WrittenRecord extends WrittenFile {
  bytes: Uint8Array
}

/** What there is of one bundle, by the names of its files. */
export interface BundleFileNames {
  /** Revisions of its record, the current one first. */
  revisions: number[]
  car: boolean
}

/** Records and the CARs of small bundles. */
export class BundleFiles {
  readonly #fileSystem: FileSystem
  readonly #paths: RepositoryPaths

  constructor (fileSystem: FileSystem, paths: RepositoryPaths) {
    this.#fileSystem = fileSystem
    this.#paths = paths
  }

  /** Everything that is there, by root. */
  async list (): Promise<Map<string, BundleFileNames>> {
    const bundles = new Map<string, BundleFileNames>()
    for (const name of await this.#fileSystem.list(this.#paths.bundles)) {
      const parsed = parseBundleFileName(name)
      if (parsed === undefined) continue
      const names = bundles.get(parsed.root) ?? { revisions: [], car: false }
      bundles.set(parsed.root, names)
      if (parsed.type === 'car') names.car = true
      else names.revisions.push(parsed.revision)
    }
    for (const { revisions } of bundles.values()) revisions.sort((a, b) => b - a)
    return bundles
  }

  /** Writes a CAR whose bytes are on the drive before it has its name. */
  async placeCar (root: string, chunks: readonly Uint8Array[]): Promise<void> {
    await (await this.writeCar(root, chunks)).place()
  }

  /** Does the same but for its name. */
  writeCar (root: string, chunks: readonly Uint8Array[]): Promise<WrittenFile> {
    return writeFile(this.#fileSystem, this.#paths, this.#paths.car(root), chunks, { sync: true })
  }

  /** Blocks of a CAR as far as it can be read; none when it is missing. With its record the file is not measured first. */
  async readCar (root: string, record?: RecordFile): Promise<PlacedBlock[]> {
    const bytes = await this.#fileSystem.readFile(this.#paths.car(root), rangeOfCar(record))
    return bytes === undefined ? [] : decodeCar(bytes)
  }

  /** Writes a record whose bytes are on the drive before it has its name. Its name is not on the drive yet. */
  async placeRecord (record: RecordFile): Promise<void> {
    await (await this.writeRecord(record)).place()
  }

  /** Does the same but for its name. */
  async writeRecord (record: RecordFile): Promise<WrittenRecord> {
    const path = this.#paths.record(rootText(record.bundle.root), record.revision)
    const bytes = encodeRecord(record)
    // What makes room is often that a record changes first.
    const written = await writeFile(this.#fileSystem, this.#paths, path, [bytes], { sync: true, essential: true })
    return { ...written, bytes }
  }

  /** Undefined when there is none. @throws {@link StorageError} or {@link NewerFormatError} when it cannot be read */
  async readRecord (root: string, revision: number): Promise<RecordFile | undefined> {
    const bytes = await this.#fileSystem.readFile(this.#paths.record(root, revision), { offset: 0, length: recordBytesMax + 1 })
    return bytes === undefined ? undefined : decodeRecord(bytes)
  }

  removeCar (root: string): Promise<void> {
    return this.#fileSystem.remove(this.#paths.car(root))
  }

  removeRecord (root: string, revision: number): Promise<void> {
    return this.#fileSystem.remove(this.#paths.record(root, revision))
  }

  /** Resolves when all names are on the drive. */
  syncNames (): Promise<void> {
    return this.#fileSystem.syncDirectory(this.#paths.bundles)
  }
}

/** Pieces of a CAR with one root, and where each block starts in it. */
export function layOutCar (root: CID, blocks: Iterable<{ cid: CID, bytes: Uint8Array }>): CarLayout {
  const header = encodeCarHeader(root)
  const chunks: Uint8Array[] = [header]
  const placed: PlacedBlock[] = []
  let offset = header.byteLength
  for (const { cid, bytes } of blocks) {
    const head = encodeCarSectionHead(cid, bytes.byteLength)
    chunks.push(head, bytes)
    placed.push({ key: blockKey(cid), offset: offset + head.byteLength, bytes })
    offset += head.byteLength + bytes.byteLength
  }
  return { chunks, placed }
}

/** The size of a CAR that has all blocks of its bundle is known, but for that of lengths and CIDs. */
function rangeOfCar (record: RecordFile | undefined): FileRange {
  if (record === undefined || record.carBlocks !== record.bundle.blocks) return { offset: 0, length: carCacheBytesMax }
  const { bundle: { bytes, blocks } } = record
  const [expected, length] = [bytes + blocks * sectionHeadBytesMin, bytes + (blocks + 1) * carHeadBytesMax]
  return { offset: 0, length: Math.min(length, carCacheBytesMax), expected }
}

function decodeCar (bytes: Uint8Array): PlacedBlock[] {
  try {
    return new CarDecoder().push(bytes).map(placed)
  } catch {
    return salvageCar(bytes)
  }
}

/** Blocks in front of the damage: the others are told by the index, and each is hashed when it is read. */
function salvageCar (bytes: Uint8Array): PlacedBlock[] {
  const whole = pushInSteps(bytes, 0, salvageBytes).end
  return pushInSteps(bytes, whole, 1).blocks
}

/** Reads `from` bytes at once and the others in steps, up to the step that the decoder refuses. */
function pushInSteps (bytes: Uint8Array, from: number, step: number): { blocks: PlacedBlock[], end: number } {
  const decoder = new CarDecoder()
  const blocks = decoder.push(bytes.subarray(0, from)).map(placed)
  let end = from
  try {
    for (; end < bytes.byteLength; end += step) blocks.push(...decoder.push(bytes.subarray(end, end + step)).map(placed))
  } catch {
    return { blocks, end }
  }
  return { blocks, end }
}

function placed ({ cid, offset, bytes }: CarBlock): PlacedBlock {
  return { key: blockKey(cid), offset, bytes }
}
