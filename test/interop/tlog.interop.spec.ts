import { beforeAll, describe, expect, it } from 'vitest'
import { auditKeyLabel } from '../../src/format/audit-key.ts'
import { formatAuditOrigin } from '../../src/format/audit-origin.ts'
import { fromBase64, toBase64 } from '../../src/format/base64.ts'
import { decodeCheckpoint, encodeCheckpoint } from '../../src/format/checkpoint.ts'
import { deriveKey } from '../../src/format/derived-key.ts'
import { formatNoteKey } from '../../src/format/note-key.ts'
import { decodeNote, encodeNote, signNote, verifyNote } from '../../src/format/signed-note.ts'
import { decodeEntries, encodeEntries, encodeTile, formatTilePath } from '../../src/format/tlog-tile.ts'
import { proveConsistency, verifyConsistency } from '../../src/merkle/consistency.ts'
import { proveInclusion, verifyInclusion } from '../../src/merkle/inclusion.ts'
import { readRoot } from '../../src/merkle/read-hashes.ts'
import { newTiles, tileHashReader } from '../../src/merkle/tiles.ts'
import { createIdentity } from '../../src/network/identity.ts'
import type { Checkpoint } from '../../src/format/checkpoint.ts'
import type { NoteKey } from '../../src/format/note-key.ts'
import { at } from '../format/vectors.ts'
import { corrupt, numberedLog } from '../merkle/trees.ts'
import { keyOf } from '../network/support.ts'
import { askTlog, buildTlog } from './tlog-binary.ts'
import type { GoAnswer, GoConsistency, GoInclusion } from './tlog-binary.ts'

/** Trees in which everything is proven, by Go to us and by us to Go: around every bound of tiles, and many small ones. */
const sizes = [...Array.from({ length: 40 }, (_, n) => n + 1), 63, 64, 65, 127, 128, 129, 255, 256, 257, 258, 300]

const identity = createIdentity(keyOf(1))
const name = formatAuditOrigin({ address: identity.address, repositoryId: '0123456789abcdef'.repeat(2) })
const signer = identity.deriveSigner(auditKeyLabel)
const key: NoteKey = { name, publicKey: signer.publicKey }
const log = numberedLog(300)
const checkpoint: Checkpoint = { origin: name, ...at(log.trees, 300), extensions: [] }

const bytes = (text: string): Uint8Array => fromBase64(text) ?? new Uint8Array(0)
const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

let binary: string
let go: GoAnswer

beforeAll(async () => {
  binary = await buildTlog()
  go = await ask(true)
}, 900_000)

describe('golang.org/x/mod/sumdb', () => {
  it('finds nothing wrong with our proofs, tiles and notes', () => {
    expect(go.Refused).toEqual([])
    const inclusions = sizes.reduce((sum, size) => sum + size, 0)
    const consistencies = sizes.length * (sizes.length + 1) / 2
    expect(go.Checked).toBe(inclusions + consistencies + 2 + log.entries.length)
  })

  it('finds what is wrong with changed ones', async () => {
    const { Refused, Checked } = await ask(false)
    expect(Checked).toBeGreaterThan(2_000)
    expect(Checked - Refused.length).toBe(0)
  })

  it('has the roots of our trees', () => {
    expect(go.Roots).toEqual(log.trees.map(({ root }) => toBase64(root)))
  })

  it('makes proofs that verify here, and are the same', async () => {
    expect(go.Inclusion).toHaveLength(sizes.reduce((sum, size) => sum + size, 0))
    for (const { Index, Size, Proof } of go.Inclusion) {
      const proof = (Proof ?? []).map(bytes)
      verifyInclusion({ entry: at(log.entries, Index), index: Index, tree: at(log.trees, Size) }, proof)
      expect(await proveInclusion(Index, Size, log)).toEqual(proof)
    }
    for (const { Earlier, Later, Proof } of go.Consistency) {
      const proof = (Proof ?? []).map(bytes)
      verifyConsistency({ earlier: at(log.trees, Earlier), later: at(log.trees, Later) }, proof)
      expect(await proveConsistency(Earlier, Later, log)).toEqual(proof)
    }
  })

  it('makes tiles that we read and would make', async () => {
    expect(await ourTiles()).toEqual(go.Tiles)
    const reader = tileHashReader(300, async tile => bytes(go.Tiles[formatTilePath(tile)] ?? ''))
    expect(await readRoot(300, reader)).toEqual(checkpoint.root)
    expect(decodeEntries(bytes(go.Tiles['tile/entries/001.p/44'] ?? ''))).toEqual(log.entries.slice(256))
  })

  it('knows our key by the same line, and signs with it what we verify, byte for byte', async () => {
    expect(go.Key).toBe(formatNoteKey(key))
    const note = decodeNote(new TextEncoder().encode(go.Note))
    verifyNote(note, key)
    expect(decodeCheckpoint(note.text)).toEqual(checkpoint)
    expect(text(encodeNote(await ourNote()))).toBe(go.Note)
  })
})

async function ourNote (): ReturnType<typeof signNote> {
  return await signNote(encodeCheckpoint(checkpoint), key, message => signer.sign(message))
}

async function ourTiles (): Promise<Record<string, string>> {
  const tiles: Record<string, string> = {}
  for (const tile of newTiles(0, 300)) {
    const nodes = Array.from({ length: tile.width }, (_, n) => ({ level: tile.level * 8, index: tile.index * 256 + n }))
    tiles[formatTilePath(tile)] = toBase64(encodeTile(await log.readHashes(nodes)))
    if (tile.level > 0) continue
    const entries = log.entries.slice(tile.index * 256, tile.index * 256 + tile.width)
    tiles[formatTilePath({ ...tile, level: 'entries' })] = toBase64(encodeEntries(entries))
  }
  return tiles
}

/** Hands over what we make, as it is or with one bit of each thing changed. */
async function ask (asItIs: boolean): Promise<GoAnswer> {
  const hash = (bytes: Uint8Array, at: number): string => toBase64(asItIs || at > 0 ? bytes : corrupt(bytes))
  const Inclusion: GoInclusion[] = []
  const Consistency: GoConsistency[] = []
  for (const Size of sizes) {
    for (let Index = 0; Index < Size; Index++) Inclusion.push({ Index, Size, Proof: (await proveInclusion(Index, Size, log)).map(hash) })
    for (const Earlier of sizes.filter(earlier => earlier <= Size)) {
      Consistency.push({ Earlier, Later: Size, Proof: (await proveConsistency(Earlier, Size, log)).map(hash) })
    }
  }
  const isChanged = ({ Proof }: GoInclusion | GoConsistency): boolean => asItIs || (Proof !== null && Proof.length > 0)
  const note = await ourNote()
  const cosigned = { ...note, signatures: [{ name: 'witness.example/w', keyId: 7, signature: new Uint8Array(72) }, ...note.signatures] }
  const Text = encodeCheckpoint(checkpoint)
  const Notes = [note, cosigned].map(note => text(encodeNote(note)))
    .map(signed => ({ Key: formatNoteKey(key), Text, Note: asItIs ? signed : signed.replace('\n300\n', '\n301\n') }))
  return await askTlog(binary, {
    Entries: log.entries.map(toBase64),
    Sizes: asItIs ? sizes : [],
    Seed: toBase64(deriveKey(keyOf(1), auditKeyLabel)),
    Name: name,
    Text,
    Inclusion: Inclusion.filter(isChanged),
    Consistency: Consistency.filter(isChanged),
    Notes,
    Tiles: asItIs ? await ourTiles() : {}
  })
}
