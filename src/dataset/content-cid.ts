import { nodeSha256 } from '../bundle/import.ts'
import { writeFile } from '../bundle/unixfs-writer.ts'
import { invalidArgument } from '../format/argument.ts'
import type { WriteFileOptions } from '../bundle/unixfs-writer.ts'

/**
 * What a file of this content would be called; nothing of it is stored.
 *
 * @throws {@link InvalidArgumentError} when it is no content of a file
 */
export async function cidOfContent (content: unknown, options: WriteFileOptions): Promise<string> {
  const isIterable = typeof content === 'object' && content !== null && Symbol.asyncIterator in content
  if (!(content instanceof Uint8Array) && !isIterable) throw invalidArgument('what build() gives', 'bytes or an AsyncIterable of them', content)
  const pieces = content instanceof Uint8Array ? piecesOf(content) : content as AsyncIterable<Uint8Array>
  const { cid } = await writeFile({ put: async () => { await Promise.resolve() } }, pieces, { ...options, sha256: nodeSha256 })
  return cid.toString()
}

async function * piecesOf (bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield await Promise.resolve(bytes)
}
