import { createCipheriv, createHash } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'

/** Files whose bytes follow from a seed, so that every process can make the same ones. */
export interface Content {
  seed: string
  files: number
  bytesEach: number
}

const pieceBytes = 256 * 1024

/** Bytes of all files. */
export function contentBytes ({ files, bytesEach }: Content): number {
  return files * bytesEach
}

/** Name of each file. */
export function fileNames ({ files }: Content): string[] {
  return Array.from({ length: files }, (_, i) => `file-${String(i).padStart(4, '0')}.bin`)
}

/** Bytes of one file, which no compression makes smaller. */
export async function * fileBytes ({ seed, bytesEach }: Content, name: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  const key = createHash('sha256').update(`${seed}/${name}`).digest()
  const cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16))
  for (let at = 0; at < bytesEach; at += pieceBytes) {
    yield new Uint8Array(cipher.update(Buffer.alloc(Math.min(pieceBytes, bytesEach - at))))
  }
}

/** Writes the files to a new directory. */
export async function writeContent (content: Content, directory: string): Promise<void> {
  await mkdir(directory, { recursive: true })
  for (const name of fileNames(content)) {
    await pipeline(fileBytes(content, name), createWriteStream(join(directory, name)))
  }
}
