import { encodeCarHeader, encodeCarSectionHead } from '../format/car-sections.ts'
import { dagPbCodec } from '../format/dag-links.ts'
import { DagWalk } from '../format/dag-walk.ts'
import { carPieceBytesMin } from '../limits.ts'
import { readAhead } from '../transfer/read-ahead.ts'
import { reportProgress } from '../transfer/report-progress.ts'
import type { DagReader } from './dag-reader.ts'
import type { ExportCarOptions } from '../interface/bundle.ts'
import type { CID } from 'multiformats/cid'

/** How to export. */
export interface ExportDagOptions extends ExportCarOptions {
  /** Bytes of all blocks, for progress. */
  bytesTotal?: number | undefined
  /** A bundle that the other side has: blocks of it are left out. */
  since?: { reader: DagReader, root: CID } | undefined
}

/**
 * Writes a whole DAG as a CAR v1: depth first, each block once, one root. In pieces of at least 64 KiB but for the last, which
 * are the caller's own.
 */
export async function * exportCar (reader: DagReader, root: CID, options: ExportDagOptions = {}): AsyncGenerator<Uint8Array> {
  const ended = new AbortController()
  const signal = options.signal === undefined ? ended.signal : AbortSignal.any([ended.signal, options.signal])
  const head = encodeCarHeader(root)
  let [parts, partBytes] = [[head as Uint8Array], head.byteLength]
  let [blocksDone, bytesDone] = [0, 0]
  const piece = (): Uint8Array => {
    options.signal?.throwIfAborted()
    const bytes = joined(parts, partBytes)
    ;[parts, partBytes] = [[], 0]
    const total = options.bytesTotal === undefined ? {} : { bytesTotal: options.bytesTotal }
    reportProgress(options, { type: 'datanode:export:progress', detail: { blocksDone, bytesDone, ...total } })
    return bytes
  }
  try {
    const beside = options.since === undefined ? undefined : await walked(options.since, signal)
    for await (const batch of readAhead(new DagWalk(root, { beside }), async (step, own) => reader.get(step, own), signal)) {
      for (const { cid, bytes } of batch) {
        const head = encodeCarSectionHead(cid, bytes.byteLength)
        parts.push(head, bytes)
        partBytes += head.byteLength + bytes.byteLength
        blocksDone++
        bytesDone += bytes.byteLength
        if (partBytes >= carPieceBytesMin) yield piece()
      }
    }
    if (partBytes > 0) yield piece()
  } catch (error) {
    // Whatever else failed because of it.
    options.signal?.throwIfAborted()
    throw error
  } finally {
    ended.abort()
  }
}

/** Goes through a whole DAG, of which only the inner blocks are read. */
async function walked ({ reader, root }: NonNullable<ExportDagOptions['since']>, signal: AbortSignal): Promise<DagWalk> {
  const walk = new DagWalk(root)
  for (let step = walk.next(); step !== undefined; step = walk.next()) {
    if (step.cid.code === dagPbCodec) walk.supply(await reader.get(step, { signal }))
  }
  return walk
}

function joined (parts: readonly Uint8Array[], byteLength: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(byteLength)
  let at = 0
  for (const part of parts) {
    bytes.set(part, at)
    at += part.byteLength
  }
  return bytes
}
