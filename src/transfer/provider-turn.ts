import type { CID } from 'multiformats/cid'
import type { DagStep } from '../format/dag-walk.ts'
import type { DagHeader, DagRequest } from '../format/messages.ts'

/** Blocks of one DAG in their order, as far as they are missing. */
export interface WantedBlocks {
  readonly root: CID
  /** True when it is the whole DAG, so that its size says how much there is to come. */
  readonly isWhole: boolean
  /** True when it ends sooner than somebody who was asked for it may know: what comes after its end is not wanted. */
  readonly isCut: boolean
  /** The block that has to come next; undefined when everything has come. */
  readonly expected: DagStep | undefined
  /** True when nothing more of it is wanted: everything has come, or enough. */
  readonly isComplete: boolean
  /** Told that a provider has ended its answer. False when there has to be more of it. */
  end(): boolean
  /** Bytes of these blocks that have come. */
  readonly bytes: number
  /** About how many are missing; undefined when that is not known. */
  readonly bytesLeft: number | undefined
  /** What is still missing, counting as sent what has come. */
  request(): DagRequest
  /** Up to `count` blocks that are likely to be expected after the current one. */
  ahead(count: number): CID[]
  /**
   * Takes the next block of a provider, puts it, and moves on.
   *
   * @throws {@link CorruptTransferError} when it is not the block that has to come next
   * @throws {@link LimitExceededError} when more has come than allowed, or the DAG is too deep, too wide or too large
   * @throws {@link InvalidDagError} when the DAG itself is not what a bundle may be
   */
  accept(cid: CID, bytes: Uint8Array, peer: string): void
  /**
   * Says how many bytes the whole DAG has, before the first of them comes.
   *
   * @throws {@link StorageFullError} when so many can never be stored
   */
  announce?(bytes: number): void
  /** Resolves when there is room for more; undefined when there is some now. Rejects with what failed while blocks were put. */
  room(): Promise<void> | undefined
}

/** What one provider is asked to do: to send what is still missing of some blocks. */
export interface ProviderTurn {
  frontier: WantedBlocks
  bytesMax: number
  stallTimeoutMs: number
  signal: AbortSignal
  /** Called when the question is about to be sent, every time that it is. */
  onAsk: () => void
  /** Called when the provider agreed to send, before anything is taken of it. What it throws ends the turn. */
  onHeader: (header: DagHeader) => void
  /** Called when bytes came, whatever they are. */
  onBytes: (bytes: number) => void
  /** Called when blocks were accepted. */
  onBlocks: () => void
  /** Resolves when so many bytes more may be taken of it; undefined when they may at once. */
  pace: (bytes: number) => Promise<void> | undefined
  /** Bytes that this provider may send ahead, once it answered. */
  windowBytes: () => number
}
