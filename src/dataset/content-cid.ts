import { chunkings } from '../bundle/chunkings.ts'
import { nativeSha256 } from '../store/native-sha256.ts'
import { writeFile } from '../bundle/unixfs-writer.ts'
import { invalidArgument } from '../format/argument.ts'
import type { AbortOptions } from '../interface/primitives.ts'

/**
 * What a file of this content would be called; nothing of it is stored.
 *
 * @throws {@link InvalidArgumentError} when it is no content of a file
 */
export async function cidOfContent (
  content: unknown, { chunking = '', signal }: AbortOptions & { chunking?: string | undefined }
): Promise<string> {
  const isIterable = typeof content === 'object' && content !== null && Symbol.asyncIterator in content
  if (!(content instanceof Uint8Array) && !isIterable) throw invalidArgument('what build() gives', 'bytes or an AsyncIterable of them', content)
  const pieces = content instanceof Uint8Array ? piecesOf(content) : content as AsyncIterable<Uint8Array>
  const nowhere = { put: async (): Promise<void> => { await Promise.resolve() } }
  const { cid } = await writeFile(nowhere, pieces, { chunks: chunkings.get(chunking), sha256: nativeSha256, signal })
  return cid.toString()
}

async function * piecesOf (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}
