import type { SpaceAmount } from './space-request.ts'

/** What the repository says of its own size. */
export interface SpaceNote extends SpaceAmount {
  /** True when it was closed in order, and so just this is used; otherwise no more than this was. */
  wasClosed: boolean
}

/** Writes the note. */
export function encodeSpaceNote ({ bytes, files, wasClosed }: SpaceNote): string {
  return JSON.stringify({ bytes, files, wasClosed })
}

/** Reads the note; undefined when there is none, or none that can be read. */
export function decodeSpaceNote (text: string | undefined): SpaceNote | undefined {
  const value = parse(text)
  if (value === null || typeof value !== 'object' || !('bytes' in value) || !('files' in value) || !('wasClosed' in value)) return undefined
  const { bytes, files, wasClosed } = value
  if (!isCount(bytes) || !isCount(files) || typeof wasClosed !== 'boolean') return undefined
  return { bytes, files, wasClosed }
}

function parse (text: string | undefined): unknown {
  try {
    return text === undefined ? undefined : JSON.parse(text)
  } catch {
    return undefined
  }
}

function isCount (value: unknown): value is number {
  return Number.isSafeInteger(value) && Number(value) >= 0
}
