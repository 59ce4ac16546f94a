/** Files of one case of the table in `test/vectors/unixfs.json`. */
export interface CaseFile {
  path: string
  size: number
  /** State of the generator before its first step; 0 gives zeros only. */
  seed: number
}

/** One directory, and the CIDs that Kubo gives to it. */
export interface UnixfsCase {
  name: string
  files: CaseFile[]
  /** Directories that are empty. */
  directories: string[]
  /** Many files (or empty directories, when `size` is absent) whose path is `prefix`, then the number with five digits, then `suffix`. */
  series: { prefix: string, suffix: string, count: number, size?: number, seed?: number }[]
}

/** A case and its truth. */
export interface UnixfsVector extends UnixfsCase {
  cid: string
  /** CIDs of single files and directories inside, by path. */
  entries: Record<string, string>
}

/** The whole table. */
export interface UnixfsTable {
  description: string
  kubo: string
  profile: string
  generator: string
  cases: UnixfsVector[]
}

const mib = 1024 * 1024

/** Bytes of a basic directory's block beside its links, and of a link with a name of `n` bytes to a file of less than 128 bytes. */
const emptyDirectoryBytes = 4
const linkBytes = (nameBytes: number): number => 44 + nameBytes

/** Above this many bytes of its block a directory is a HAMT. */
const hamtThresholdBytes = 262_144

/** Every case of the table. */
export function unixfsCases (): UnixfsCase[] {
  const sizes = [0, 1, mib - 1, mib, mib + 1, 5 * mib].map((size, i) =>
    unixfsCase({ name: `a file of ${size} B`, files: [{ path: 'file.bin', size, seed: 11 + i }] }))
  return [
    ...sizes,
    unixfsCase({ name: 'a file of 1,024 blocks', files: [{ path: 'zeros.bin', size: 1024 * mib, seed: 0 }] }),
    unixfsCase({ name: 'a file of two levels', files: [{ path: 'zeros.bin', size: 1025 * mib, seed: 0 }] }),
    unixfsCase({ name: 'a file whose size has 32 bits', files: [{ path: 'zeros.bin', size: 2048 * mib + 5, seed: 0 }] }),
    unixfsCase({ name: 'an empty directory' }),
    unixfsCase({
      name: 'nested directories with hidden files and empty directories',
      files: [
        { path: '.hidden', size: 3, seed: 21 },
        { path: '.config/.deep/.file', size: 700, seed: 22 },
        { path: 'a/b/c/d.txt', size: 10_000, seed: 23 },
        { path: 'a/b/e.txt', size: 0, seed: 24 },
        { path: 'a/zoë 文件 🙂.txt', size: 5, seed: 25 },
        { path: 'a.txt', size: 2 * mib + 17, seed: 26 },
        { path: 'B.txt', size: 12, seed: 27 }
      ],
      directories: ['empty', 'a/empty', 'x/y/z']
    }),
    threshold('a directory one byte below the HAMT threshold', hamtThresholdBytes - 1),
    threshold('a directory at the HAMT threshold', hamtThresholdBytes),
    threshold('a directory one byte above the HAMT threshold', hamtThresholdBytes + 1),
    unixfsCase({ name: '5,000 entries with long names', series: [{ prefix: 'entry number ', suffix: '.txt', count: 5000, size: 9, seed: 41 }] }),
    unixfsCase({
      name: '6,000 directories beside nested HAMTs',
      files: [{ path: 'manifest.json', size: 99, seed: 51 }],
      series: [
        { prefix: 'directories/directory-', suffix: '', count: 6000 },
        { prefix: 'many/deeper/file-', suffix: '.json', count: 4600, size: 40, seed: 52 }
      ]
    }),
    unixfsCase({
      name: 'a directory mixed of imported and linked entries',
      files: [
        { path: 'manifest.json', size: 300, seed: 61 },
        { path: 'inputs/linked-file.bin', size: 3 * mib, seed: 62 },
        { path: 'inputs/linked-small.bin', size: 100, seed: 63 },
        { path: 'inputs/linked-directory/one.txt', size: 1, seed: 64 },
        { path: 'inputs/linked-directory/two/three.txt', size: 2 * mib, seed: 65 },
        { path: 'inputs/imported.txt', size: 4, seed: 66 }
      ],
      series: [{ prefix: 'inputs/linked-shards/shard-', suffix: '', count: 5100, size: 6, seed: 67 }]
    })
  ]
}

/** All files of a case, series included. */
export function * caseFiles ({ files, series }: UnixfsCase): Generator<CaseFile> {
  yield * files
  for (const { prefix, suffix, count, size, seed } of series) {
    if (size === undefined || seed === undefined) continue
    for (let i = 0; i < count; i++) yield { path: numbered(prefix, i, suffix), size, seed: seed + i }
  }
}

/** Bytes of all files of a case. */
export function contentBytes (unixfs: UnixfsCase): number {
  return Array.from(caseFiles(unixfs), ({ size }) => size).reduce((sum, size) => sum + size, 0)
}

/** All empty directories of a case, series included. */
export function * caseDirectories ({ directories, series }: UnixfsCase): Generator<string> {
  yield * directories
  for (const { prefix, suffix, count, size } of series) {
    if (size !== undefined) continue
    for (let i = 0; i < count; i++) yield numbered(prefix, i, suffix)
  }
}

/** The generator in words, for readers in other languages. */
export const generatorDescription: string = 'Content of a file: xorshift32 (x ^= x << 13; x ^= x >> 17; x ^= x << 5, 32 bits unsigned), state ' +
  'before the first step = seed; each step appends the state as 4 bytes, little endian; the last step is cut to size. A series stands for ' +
  'the files prefix + number + suffix, numbers from 0 to count - 1 with at least five digits, the seed growing by 1 each; without size they ' +
  'are empty directories.'

/** Bytes of a file, as {@link generatorDescription} has it. */
export function generateBytes (seed: number, size: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(size)
  if (seed === 0) return bytes
  const view = new DataView(bytes.buffer)
  let x = seed
  for (let at = 0; at < size; at += 4) {
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    if (at + 4 <= size) view.setUint32(at, x >>> 0, true)
    else for (let i = at; i < size; i++) bytes[i] = x >>> (8 * (i - at))
  }
  return bytes
}

function unixfsCase (init: Partial<UnixfsCase> & { name: string }): UnixfsCase {
  return { files: [], directories: [], series: [], ...init }
}

/** A directory whose block has exactly this many bytes: names of equal length, and one that takes the rest. */
function threshold (name: string, blockBytes: number): UnixfsCase {
  const each = linkBytes('file-00000'.length)
  const space = blockBytes - emptyDirectoryBytes
  const count = Math.floor(space / each) - 1
  const rest = space - count * each - linkBytes(0)
  return unixfsCase({
    name,
    files: [{ path: 'z'.repeat(rest), size: 2, seed: 31 }],
    series: [{ prefix: 'file-', suffix: '', count, size: 2, seed: 100 }]
  })
}

function numbered (prefix: string, i: number, suffix: string): string {
  return `${prefix}${String(i).padStart(5, '0')}${suffix}`
}
