import { isDeepStrictEqual } from 'node:util'
import { CID } from 'multiformats/cid'
import { beforeAll, describe, expect, it } from 'vitest'
import { DataNodeError } from '../../src/errors.ts'
import { Random } from '../faults/random.ts'
import { decoders } from './fuzz/decoders.ts'
import { Mutator } from './fuzz/mutate.ts'
import type { Fuzzed } from './fuzz/decoders.ts'

/** Says which inputs are tried: another one each time, but in CI the same. Set it to try the same again. */
const seed = process.env['FUZZ_SEED'] ?? (process.env['CI'] === undefined ? String(Date.now()) : '1')

/** Inputs for all decoders together; `FUZZ_INPUTS=1000000` tries more. */
const inputs = Number.parseInt(process.env['FUZZ_INPUTS'] ?? '50000', 10)

/** For one input. Whatever else the machine does may take as long, so what took longer is tried again before it counts. */
const inputMsMax = 50
const triesMax = 5

const all = decoders(new Random('pieces', seed))

beforeAll(() => { console.log(`FUZZ_SEED=${seed} FUZZ_INPUTS=${inputs}`) })

describe('a decoder that is given what was made from valid input', () => {
  it.each(all)('of $what reads it or throws an error of this library, soon', { timeout: 600_000 }, (fuzzed) => {
    const mutator = new Mutator(new Random(fuzzed.what, seed), fuzzed.samples)
    let accepted = 0
    const each = Math.ceil(inputs / all.length)
    for (let n = 0; n < each; n++) {
      const bytes = mutator.next()
      try {
        if (isAccepted(fuzzed, bytes)) accepted++
      } catch (cause) {
        throw new Error(`FUZZ_SEED=${seed}, input ${n} of ${fuzzed.what}: ${Buffer.from(bytes).toString('hex')}`, { cause })
      }
    }
    // Were all of them refused or all accepted, nothing would have been tried.
    expect(accepted).toBeGreaterThan(each / 100)
    expect(accepted).toBeLessThan(each)
  })
})

function isAccepted (fuzzed: Fuzzed, bytes: Uint8Array): boolean {
  const value = decodeSoon(fuzzed, bytes)
  if (value instanceof DataNodeError) return false
  const encoded = fuzzed.encode(value)
  if (fuzzed.isCanonical === true) expect(Buffer.compare(encoded, bytes)).toBe(0)
  else if (!isDeepStrictEqual(plain(fuzzed.decode(encoded)), plain(value))) expect(plain(fuzzed.decode(encoded))).toEqual(plain(value))
  return true
}

/** What it reads, or the error that says why not. */
function decodeSoon ({ decode }: Fuzzed, bytes: Uint8Array): unknown {
  const times: number[] = []
  for (;;) {
    const startedAt = performance.now()
    const value = outcomeOf(decode, bytes)
    times.push(performance.now() - startedAt)
    const least = Math.min(...times)
    if (least <= inputMsMax) return value
    if (times.length >= triesMax) throw new Error(`it took at least ${least} ms each time`)
  }
}

function outcomeOf (decode: Fuzzed['decode'], bytes: Uint8Array): unknown {
  try {
    return decode(bytes)
  } catch (error) {
    if (error instanceof DataNodeError) return error
    throw error
  }
}

/** Of a CID its text, of bytes their numbers: what else such objects carry is their own. */
function plain (value: unknown): unknown {
  if (CID.asCID(value) !== null) return String(value)
  if (value instanceof Uint8Array) return [...value]
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, plain(part)]))
}
