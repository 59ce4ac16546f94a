import { NotStoredError } from '../errors.ts'
import { checkNumber, checkOptions } from '../format/argument.ts'
import { parseReference } from '../format/reference.ts'
import { timerMsMax } from '../limits.ts'
import { withHold } from '../store/holds.ts'
import { checkBundle, MeasuredBlocks } from './check-bundle.ts'
import { checkSetReaders, checkWiden } from './check-widening.ts'
import { holdOf } from './fetch-options.ts'
import { fetchedRecord } from './fetched-record.ts'
import { keepStored } from './kept-bundle.ts'
import { PieceReader } from './piece-reader.ts'
import { checkAnnounced, readCar } from './read-car.ts'
import { checkReaders, sameReaders } from './readers.ts'
import { fetchedHolds } from './retention.ts'
import type { KeptBundle } from './kept-bundle.ts'
import type { Retention } from './retention.ts'
import type { Readers } from '../interface/bundle.ts'
import type { Hold } from '../interface/hold.ts'
import type { Identity } from '../interface/network.ts'
import type { ImportCarOptions } from '../interface/options.ts'
import type { ByteSource } from '../interface/source.ts'
import type { RecordChange, Store } from '../interface/store.ts'
import type { CID } from 'multiformats/cid'

/** What importing needs from the node. */
export interface ImportCarComponents {
  store: Store
  identity: Pick<Identity, 'address'>
  /** Milliseconds since 1970. */
  clock: () => number
  /** How long what is published stays, by kind; what is not named in it stays by default. */
  retention?: Retention
}

/**
 * Reads a bundle from a CAR v1, checks it as a fetched one, and stores it. Blocks may stand in any order and more than once;
 * those that are not below the root are dropped, and those that this repository has may be missing. Of a bundle that is
 * stored already, only readers and hold change, and only when they are said.
 *
 * When it rejects nothing is listed and nothing stays on disk, but for an {@link AccessWidenedError}: then it is stored, and
 * closed.
 *
 * @throws {@link InvalidArgumentError}, {@link InvalidReferenceError} for what the caller gave
 * @throws {@link InvalidMessageError} when it is no CAR v1 with one root, is cut off, or a block does not hash to its CID
 * @throws {@link MismatchError} when its root is not the expected one
 * @throws {@link NotStoredError} when a block of the bundle is missing
 * @throws {@link LimitExceededError} when it, or anything in it, is larger than it may be
 * @throws {@link InvalidReferenceError}, {@link InvalidDagError}, {@link InvalidManifestError}, {@link NewerFormatError},
 *   {@link InvalidNameError} when it is no bundle
 * @throws {@link TimedOutError} when the source gives nothing for too long
 * @throws {@link AccessWidenedError} when more peers could read it than may read what it links, unless `widen`
 */
export async function importCar (
  components: ImportCarComponents, source: ByteSource, options: ImportCarOptions = {}
): Promise<KeptBundle> {
  const { readers, widen, hold } = checkImportOptions(options)
  const { signal, bytesTotal } = options
  const { store, clock, retention } = components
  const pieces = new PieceReader(source)
  const staging = store.stage()
  try {
    signal?.throwIfAborted()
    checkAnnounced(options)
    if (bytesTotal !== undefined) staging.expect?.(bytesTotal)
    const blocks = new MeasuredBlocks(staging)
    const root = await readCar(pieces, blocks, options)
    const kept = await whole(root, async () => {
      const manifest = await checkBundle(blocks, root, { signal })
      const storedAt = clock()
      // Closed, until it is known what it links.
      const record = { ...fetchedRecord(root, manifest, { access: 'restricted', statements: [] }), readers: [] }
      const holds = withHolds(fetchedHolds(record.kind, storedAt, retention), hold)
      return keepStored(store, await staging.commit({ ...record, holds, storedAt }, { signal }), blocks.checked)
    })
    return await apply(components, kept, { readers, widen, hold })
  } finally {
    pieces.cancel()
    await staging.discard()
  }
}

/** What may be said of the bundle as it is kept. */
interface Said {
  readers: Readers | undefined
  widen: boolean
  hold: Hold | undefined
}

function checkImportOptions (options: ImportCarOptions): Said {
  checkOptions(options)
  const { stallTimeoutMs, bytesMax, bytesTotal, readers, root } = options
  checkNumber(stallTimeoutMs, 'stallTimeoutMs', { min: 1, max: timerMsMax })
  checkNumber(bytesMax, 'bytesMax', { min: 0, max: Number.MAX_SAFE_INTEGER })
  checkNumber(bytesTotal, 'bytesTotal', { min: 0, max: Number.MAX_SAFE_INTEGER })
  if (root !== undefined) parseReference(root)
  return { readers: readers === undefined ? undefined : checkReaders(readers), widen: checkWiden(options), hold: holdOf(options) }
}

/** Says of a block that is nowhere that the CAR should have had it. */
async function whole<T> (root: CID, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    if (!(cause instanceof NotStoredError)) throw cause
    throw new NotStoredError(`The CAR does not have all of ${root.toString()}: ${cause.message}`,
      { ...cause.details, root: root.toString(), cause })
  }
}

/** Applies what is said now to what may have been stored before. */
async function apply (
  { store, identity }: ImportCarComponents, kept: KeptBundle, { readers, widen, hold }: Said
): Promise<KeptBundle> {
  const { root, readers: before, readersLost, holds } = kept.stored
  const isSame = readers === undefined || (readersLost !== true && sameReaders(before, readers))
  const change: RecordChange = isSame ? {} : { readers }
  const isHeld = hold === undefined || holds.some(({ owner, until }) => owner === hold.owner && until === hold.until)
  if (isHeld && change.readers === undefined) return kept
  try {
    const opening = { root, readers: change.readers ?? before, widen }
    await checkSetReaders({ store, own: identity.address }, opening)
    return { ...kept, stored: await store.update(root, ({ holds }) => ({ ...change, holds: withHolds(holds, hold) })) }
  } catch (error) {
    kept[Symbol.dispose]()
    throw error
  }
}

function withHolds (holds: readonly Hold[], hold: Hold | undefined): readonly Hold[] {
  return hold === undefined ? holds : withHold(holds, hold)
}
