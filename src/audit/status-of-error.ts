import type { VerdictStatus } from '../interface/verdict.ts'

/** What each error says about the claim that led to it. Any other one is about this node or its host, and no miner's fault. */
export const statusOfError: Readonly<Record<string, VerdictStatus>> = {
  UnavailableError: 'unavailable',
  TimedOutError: 'unavailable',
  CorruptTransferError: 'unavailable',
  RefusedError: 'unavailable',
  StorageFullError: 'unavailable',
  MismatchError: 'mismatch',
  UnsignedError: 'unsigned',
  WrongSignerError: 'wrong-signer',
  WrongTaskError: 'wrong-task',
  WrongMinerError: 'copied',
  WrongKindError: 'malformed',
  InvalidReferenceError: 'malformed',
  InvalidManifestError: 'malformed',
  NewerFormatError: 'malformed',
  InvalidDagError: 'malformed',
  InvalidNameError: 'malformed',
  LimitExceededError: 'malformed',
  FileNotFoundError: 'malformed'
}
