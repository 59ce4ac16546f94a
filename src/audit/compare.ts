import { TimedOutError } from '../errors.ts'
import { describeValue } from '../format/argument.ts'
import { forEachConcurrent } from '../format/concurrent.ts'
import { quote } from '../format/quote.ts'
import { comparisonsConcurrency, comparisonsMax } from '../limits.ts'
import { withDeadline } from '../transfer/deadline.ts'
import type { ResultBundle } from '../interface/bundle.ts'
import type { Hex } from '../interface/primitives.ts'
import type { CompareResults, Comparison } from '../interface/verdict.ts'

/** Answers with one content, and one of the results that hold it. */
export interface Answer {
  content: Hex
  result: ResultBundle
}

/** How answers are compared. */
export interface CompareInit {
  compare: CompareResults
  /** Milliseconds for all of it. */
  timeoutMs: number
  signal: AbortSignal
}

/** What a host's own error says is kept as evidence, and not all of a page of it. */
const reasonCharactersMax = 256

type Pair = [Answer, Answer]

/**
 * Has a function of the host compare every two of these answers, those first that were claimed first. Whatever goes wrong with a
 * pair is said beside it.
 *
 * Rejects with the signal's reason only.
 */
export async function compareAnswers (answers: readonly Answer[], init: CompareInit): Promise<Comparison[]> {
  const { timeoutMs, signal } = init
  signal.throwIfAborted()
  const late = new TimedOutError(`not compared: ${timeoutMs} ms for all comparisons were over`)
  const full = `not compared: these are more than ${comparisonsMax} pairs`
  const pairs = answers.flatMap((b, j) => answers.slice(0, j).map((a): Pair => [a, b]))
  const comparisons = pairs.map(([a, b], i): Comparison =>
    ({ contents: [a.content, b.content], error: i < comparisonsMax ? late.message : full }))
  try {
    await withDeadline(timeoutMs, signal, () => late, async own => {
      await forEachConcurrent(pairs.slice(0, comparisonsMax).entries(), comparisonsConcurrency, async ([i, pair]) => {
        const comparison = await comparePair(pair, init.compare, own)
        own.throwIfAborted()
        comparisons[i] = comparison
      })
    })
  } catch (error) {
    if (error !== late) throw error
  }
  return comparisons
}

async function comparePair ([a, b]: Pair, compare: CompareResults, signal: AbortSignal): Promise<Comparison> {
  const contents: Comparison['contents'] = [a.content, b.content]
  try {
    signal.throwIfAborted()
    const said: unknown = await compare(a.result, b.result, { signal })
    const score = typeof said === 'boolean' ? Number(said) : said
    if (typeof score === 'number' && Number.isFinite(score)) return { contents, score }
    return { contents, error: `compare gave ${describeValue(said)}, which is neither a boolean nor a finite number` }
  } catch (error) {
    return { contents, error: `compare failed: ${error instanceof Error ? quote(error.message, reasonCharactersMax) : describeValue(error)}` }
  }
}
