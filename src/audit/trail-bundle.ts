/**
 * A trail as a bundle, so that anybody can replicate it and check it, and learn nothing from it but how much was published, and
 * which datasets anyone may read:
 *
 * ```
 * manifest.json
 * checkpoint             the signed note
 * audit-key.json         the node's word that the key of the note is its own
 * datasets.json          where there are any, see `trail-datasets.ts` of `format/`
 * tile/…                 hashes and entries, named as C2SP tlog-tiles has them at the size of the checkpoint
 * ```
 *
 * It needs no statement: its checkpoint is signed by the same node. With one each trail would be an entry of the next, without
 * end.
 */
import { encodeAuditKey } from '../format/audit-key.ts'
import { manifestVersion } from '../format/manifest.ts'
import { encodeNote } from '../format/signed-note.ts'
import { formatTilePath } from '../format/tlog-tile.ts'
import { encodeTrailDatasets } from '../format/trail-datasets.ts'
import { datasetEntriesMax, tileHashes } from '../limits.ts'
import { newTiles } from '../merkle/tiles.ts'
import type { BundleInit } from '../bundle/publish.ts'
import type { TileName } from '../format/tlog-tile.ts'
import type { NamedVersion } from '../interface/dataset-trail.ts'
import type { TrailManifest } from '../interface/manifest.ts'
import type { FileSource } from '../interface/source.ts'
import type { CID } from 'multiformats/cid'
import type { Trail } from './trail.ts'

/** What is read of a trail. */
export type BundledTrail = Pick<Trail, 'auditKey' | 'checkpoint' | 'readTile' | 'size'>

/**
 * What the bundle of a trail is made of, as it is now. Tiles are read when they are written.
 *
 * @param stored - files of an earlier bundle of the same trail, by path: full tiles never change, and are linked
 * @param named - the versions of datasets that it names
 */
export function trailBundleInit (
  trail: BundledTrail, stored: ReadonlyMap<string, CID> = new Map(), named: readonly NamedVersion[] = []
): BundleInit<TrailManifest> {
  const { auditKey, checkpoint, size } = trail
  return {
    files: [
      { name: 'checkpoint', bytes: encodeNote(checkpoint) },
      { name: 'audit-key.json', bytes: encodeAuditKey(auditKey) },
      ...named.length === 0 ? [] : [{ name: 'datasets.json', bytes: encodeTrailDatasets(named) }],
      ...[...tilesOf(size)].map(tile => sourceOf(trail, tile, stored))
    ],
    manifest: () => ({ format: 'cortensor-bundle', version: manifestVersion, kind: 'trail', origin: auditKey.origin }),
    readers: 'anyone',
    embargoed: false,
    unsigned: true,
    entriesMax: datasetEntriesMax
  }
}

/** All tiles of a tree. */
function * tilesOf (size: number): Generator<TileName> {
  for (const tile of newTiles(0, size)) {
    yield tile
    if (tile.level === 0) yield { ...tile, level: 'entries' }
  }
}

function sourceOf (trail: BundledTrail, tile: TileName, stored: ReadonlyMap<string, CID>): FileSource {
  const name = formatTilePath(tile)
  const cid = tile.width === tileHashes ? stored.get(name) : undefined
  return cid === undefined ? { name, stream: read(trail, tile) } : { name, cid }
}

async function * read (trail: BundledTrail, tile: TileName): AsyncGenerator<Uint8Array> {
  yield await trail.readTile(tile)
}
