import type { StorageOptions } from '../interface/storage.ts'

/** What is noted of the blocks of a bundle that is not whole yet. */
export interface PartialNote {
  /** Milliseconds since 1970. */
  usedAt: number
  /** How they were written: a bundle that is to survive a power cut cannot be made of what a power cut may take. */
  durability: NonNullable<StorageOptions['durability']>
}

/** Writes the note. */
export function encodePartialNote ({ usedAt, durability }: PartialNote): string {
  return JSON.stringify({ usedAt, durability })
}

/** Reads the note; undefined when there is none, or none that can be read. */
export function decodePartialNote (text: string): PartialNote | undefined {
  const value = parse(text)
  if (value === null || typeof value !== 'object' || !('usedAt' in value) || !('durability' in value)) return undefined
  const { usedAt, durability } = value
  if (!Number.isSafeInteger(usedAt) || Number(usedAt) < 0 || (durability !== 'power-cut' && durability !== 'process-crash')) return undefined
  return { usedAt: Number(usedAt), durability }
}

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
