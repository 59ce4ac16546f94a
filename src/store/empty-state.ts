import { KeyedSlots, Slots } from '../format/slots.ts'
import { writeConcurrency } from '../limits.ts'
import { Keeps } from './keeps.ts'
import { Records } from './records.ts'
import { RunningWork } from './running-work.ts'
import type { StoreParts } from './store-parts.ts'
import { Uses } from './uses.ts'

/** What an open store keeps in memory alone, before anything is known of its repository. */
export type StoreState = Pick<StoreParts, 'doubtful' | 'keeps' | 'listed' | 'records' | 'reindexed' | 'roots' | 'running' |
  'unreadable' | 'uses' | 'writes'>

/** The state of a store that knows nothing yet. */
export function emptyState (): StoreState {
  return {
    records: new Records(),
    doubtful: new Set(),
    reindexed: new Set(),
    unreadable: new Map(),
    keeps: new Keeps(),
    uses: new Uses(),
    listed: { blocks: 0 },
    writes: new Slots(writeConcurrency),
    roots: new KeyedSlots(),
    running: new RunningWork()
  }
}
