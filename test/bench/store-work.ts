import { createCipheriv } from 'node:crypto'

/** What is stored and read. */
export type Work = '1x256MiB' | '20x2KB' | '200x2KB' | '2000x2KB' | '20000-blocks' | '100000-blocks'

/** What is done with it. */
export type Op = 'publish' | 'read' | 'hold' | 'collect' | 'open' | 'limit'

/** One measurement, as a child process prints it on a line of its own. */
export interface Sample {
  work: Work
  op: Op
  ms: number
  /** Content bytes that went through. */
  bytes?: number
  /** Median latency of small publishes beside it over that before it. */
  publishSlowdown?: number
}

/** A file that is stored. */
export interface WorkFile {
  name: string
  bytes: Uint8Array
}

/** Works whose latency counts: many are measured in a process that has done the same before. */
export const smallWorks: readonly Work[] = ['20x2KB', '200x2KB']

/** Works whose throughput counts. */
export const largeWorks: readonly Work[] = ['2000x2KB', '1x256MiB']

/** Rounds of a small work before it is measured. */
export const warmRounds = 40

/** Rounds of a small work that are measured. */
export const smallRounds = 21

const shapes: Record<Work, { count: number, fileBytes: number }> = {
  '20x2KB': { count: 20, fileBytes: 2048 },
  '200x2KB': { count: 200, fileBytes: 2048 },
  '2000x2KB': { count: 2000, fileBytes: 2048 },
  '1x256MiB': { count: 1, fileBytes: 256 * 1024 * 1024 },
  '20000-blocks': { count: 20_000, fileBytes: 2048 },
  '100000-blocks': { count: 20_000, fileBytes: 128 }
}

/** Files of a work, with other bytes for every seed. */
export function makeFiles (work: Work, seed: number): WorkFile[] {
  const { count, fileBytes } = shapes[work]
  const key = Buffer.alloc(16)
  key.writeUInt32LE(seed)
  key.write(work.slice(0, 12), 4)
  const bytes = createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(count * fileBytes))
  return Array.from({ length: count }, (_, i) => ({ name: `file-${i}`, bytes: bytes.subarray(i * fileBytes, (i + 1) * fileBytes) }))
}

export function bytesOf (files: readonly WorkFile[]): number {
  return files.reduce((sum, { bytes }) => sum + bytes.byteLength, 0)
}

/** Milliseconds that a piece of work takes. */
export async function timed (work: () => Promise<unknown>): Promise<number> {
  const startedAt = performance.now()
  await work()
  return performance.now() - startedAt
}

/** Median latency of a small work after it was done a few times. */
export async function latency (work: (round: number) => Promise<number>): Promise<number> {
  for (let round = 0; round < warmRounds; round++) await work(round)
  const ms: number[] = []
  for (let round = 0; round < smallRounds; round++) ms.push(await work(warmRounds + round))
  return median(ms)
}

/** Does small publishes one after the other before a collection and beside it. */
export async function besideCollection (
  collect: () => Promise<unknown>, publish: (round: number) => Promise<number>
): Promise<Required<Pick<Sample, 'ms' | 'publishSlowdown'>>> {
  let round = 0
  const before: number[] = []
  while (before.length < smallRounds) before.push(await publish(round++))
  let ended = false
  const collection = timed(collect).finally(() => { ended = true })
  const beside: number[] = []
  do beside.push(await publish(round++))
  while (!isTrue(ended))
  return { ms: await collection, publishSlowdown: median(beside) / median(before) }
}

export function median (values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  const [low = 0, high = 0] = [sorted[sorted.length % 2 === 0 ? middle - 1 : middle], sorted[middle]]
  return (low + high) / 2
}

/** Prints a measurement for the process that waits for it. */
export function report (sample: Sample): void {
  console.log(JSON.stringify(sample))
}

/** What changes while others run is not what the compiler has last seen. */
function isTrue (value: boolean): boolean {
  return value
}
