/**
 * A repository is a directory:
 *
 * ```
 * version                      `2`
 * identity                     whose it is, and the random id of this repository
 * lock                         who holds it: for the message of the error only
 * bundles/<root>.<n>.json      record of a bundle, written once; a change is a new file with a larger n
 * bundles/<root>.car           blocks of a small bundle: CAR v1, one root, depth first, without duplicates
 * blocks/<shard>/<block>.data  blocks of large bundles, where blockstore-fs keeps them
 * partials/<root>              says that blocks of a bundle that is not whole yet may be in `blocks/`
 * quarantine/                  files that were found damaged
 * temp/                        what is being written
 * audit/                       audit trail of this node's statements: see audit/trail.ts
 * appends/<dataset>/           rows for the next version of a dataset: see dataset/append-journal.ts
 * data/                        index: made again from the files when it is missing
 * ```
 *
 * Directories are made with mode 0700, and files as the umask says.
 *
 * The number n starts at the time when the bundle was stored, in milliseconds, and grows by one with each change. So the names
 * alone say whether the index knows the current record, also after a bundle was removed and stored again.
 */
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { NextToLast } from 'blockstore-fs/sharding'
import { CID } from 'multiformats/cid'
import { checkBlockCid } from '../format/dag-links.ts'

const sharding = new NextToLast()
const markExtension = '.unlisted'

/** What a name in `bundles/` says. */
export type BundleFileName = { type: 'record', root: string, revision: number } | { type: 'car', root: string }

/** Where everything is in one repository. */
export class RepositoryPaths {
  readonly root: string
  readonly version: string
  readonly identity: string
  readonly lock: string
  readonly bundles: string
  readonly blocks: string
  readonly partials: string
  readonly quarantine: string
  readonly temp: string
  readonly audit: string
  readonly appends: string
  readonly data: string

  constructor (root: string) {
    this.root = root
    this.version = join(root, 'version')
    this.identity = join(root, 'identity')
    this.lock = join(root, 'lock')
    this.bundles = join(root, 'bundles')
    this.blocks = join(root, 'blocks')
    this.partials = join(root, 'partials')
    this.quarantine = join(root, 'quarantine')
    this.temp = join(root, 'temp')
    this.audit = join(root, 'audit')
    this.appends = join(root, 'appends')
    this.data = join(root, 'data')
  }

  record (root: string, revision: number): string {
    return join(this.bundles, `${root}.${revision}.json`)
  }

  car (root: string): string {
    return join(this.bundles, `${root}.car`)
  }

  partial (root: string): string {
    return join(this.partials, root)
  }

  /** Directory and file of a block that has a file of its own. */
  block (cid: CID): { directory: string, file: string } {
    const { dir, file } = sharding.encode(cid)
    const directory = join(this.blocks, dir)
    return { directory, file: join(directory, file) }
  }

  /** A name in `temp/` that nobody else has. */
  newTemp (): string {
    return join(this.temp, randomBytes(16).toString('hex'))
  }

  /** A file whose presence says that there may be block files that no record lists. */
  newMark (): string {
    return this.newTemp() + markExtension
  }
}

/** True for the names that `newMark` gives. */
export function isMark (name: string): boolean {
  return name.endsWith(markExtension)
}

/** Text of a root in file names and keys. */
export function rootText (root: CID): string {
  return root.toV1().toString()
}

/** Reads a name in `partials/`; undefined when the store did not give it. */
export function parsePartialName (name: string): CID | undefined {
  if (!/^b[a-z2-7]{1,127}$/.test(name)) return undefined
  try {
    const root = CID.parse(name)
    checkBlockCid(root)
    return root
  } catch {
    return undefined
  }
}

/** Reads a name in `bundles/`; undefined when the store did not give it. */
export function parseBundleFileName (name: string): BundleFileName | undefined {
  const match = /^(?<root>b[a-z2-7]{1,127})\.(?:(?<revision>\d{1,15})\.json|car)$/.exec(name)
  const { root, revision } = match?.groups ?? {}
  if (root === undefined) return undefined
  return revision === undefined ? { type: 'car', root } : { type: 'record', root, revision: Number(revision) }
}

/** Reads a name below `blocks/`; undefined when the store did not give it. */
export function parseBlockFileName (name: string): CID | undefined {
  if (!name.endsWith(sharding.extension)) return undefined
  try {
    return sharding.decode(name)
  } catch {
    return undefined
  }
}
