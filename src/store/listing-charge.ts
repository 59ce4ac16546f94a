import { indexBytesPerBlock } from '../limits.ts'
import type { StoreParts } from './store-parts.ts'

/** Charges what listing so many blocks takes of the index. @throws {@link StorageFullError} */
export async function takeListing ({ listed, space }: Pick<StoreParts, 'listed' | 'space'>, blocks: number): Promise<void> {
  // Said before it is charged: whoever counts in between may count too much, never too little.
  listed.blocks += blocks
  try {
    await space.take({ bytes: blocks * indexBytesPerBlock, files: 0 })
  } catch (error) {
    listed.blocks -= blocks
    throw error
  }
}

/** Gives it back. */
export function giveListing ({ listed, space }: Pick<StoreParts, 'listed' | 'space'>, blocks: number): void {
  listed.blocks -= blocks
  space.give({ bytes: blocks * indexBytesPerBlock, files: 0 })
}
