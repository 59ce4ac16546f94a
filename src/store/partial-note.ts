import { joinSaid } from '../format/said-of-root.ts'
import type { StorageOptions } from '../interface/storage.ts'
import type { SaidOfRoot } from '../interface/statement.ts'

/** What is noted of the blocks of a bundle that is not whole yet. */
export interface PartialNote {
  /** Milliseconds since 1970. */
  usedAt: number
  /** How they were written: a bundle that is to survive a power cut cannot be made of what a power cut may take. */
  durability: NonNullable<StorageOptions['durability']>
  /** What providers said of the bundle. Nobody has checked it. */
  said?: SaidOfRoot | undefined
}

/** Writes the note. */
export function encodePartialNote ({ usedAt, durability, said }: PartialNote): string {
  if (said === undefined) return JSON.stringify({ usedAt, durability })
  const { access, statements, delegations } = joinSaid(said, undefined)
  return JSON.stringify({ usedAt, durability, access, statements: statements.map(textOf), delegations: delegations?.map(textOf) })
}

/** Reads the note; undefined when there is none, or none that can be read. */
export function decodePartialNote (text: string): PartialNote | undefined {
  const value = parse(text)
  if (value === null || typeof value !== 'object' || !('usedAt' in value) || !('durability' in value)) return undefined
  const { usedAt, durability } = value
  if (!Number.isSafeInteger(usedAt) || Number(usedAt) < 0 || (durability !== 'power-cut' && durability !== 'process-crash')) return undefined
  const said = saidIn(value)
  return { usedAt: Number(usedAt), durability, ...said === undefined ? {} : { said } }
}

function saidIn (value: object): SaidOfRoot | undefined {
  if (!('access' in value) || !('statements' in value)) return undefined
  const { access, statements } = value
  if ((access !== 'anyone' && access !== 'restricted') || !Array.isArray(statements)) return undefined
  const delegations = 'delegations' in value && Array.isArray(value.delegations) ? value.delegations : []
  return joinSaid({ access, statements: bytesIn(statements), delegations: bytesIn(delegations) }, undefined)
}

function textOf (bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64')
}

function bytesIn (texts: readonly unknown[]): Uint8Array[] {
  return texts.filter(text => typeof text === 'string').map(text => new Uint8Array(Buffer.from(text, 'base64')))
}

function parse (text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
