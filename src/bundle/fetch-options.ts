import { checkNumber, checkOptional, checkOptions, checkTexts } from '../format/argument.ts'
import { timerMsMax } from '../limits.ts'
import { checkHold } from '../store/holds.ts'
import type { Hold } from '../interface/hold.ts'
import type { FetchOptions } from '../interface/options.ts'

/**
 * Checks the options of a fetch before anything is asked of anyone. Of providers only that they are text: they are hints,
 * and one that cannot be reached is no reason to ask none of the others.
 *
 * @throws {@link InvalidArgumentError} when one is not of its form
 */
export function checkFetchOptions (options: unknown): asserts options is FetchOptions {
  checkOptions(options)
  const { providers, stallTimeoutMs, bytesMax, hold } = options as FetchOptions
  if (providers !== undefined) checkTexts(providers, 'providers')
  checkNumber(stallTimeoutMs, 'stallTimeoutMs', { min: 1, max: timerMsMax })
  checkNumber(bytesMax, 'bytesMax', { min: 0, max: Number.MAX_SAFE_INTEGER })
  if (typeof hold === 'object') checkHold(hold)
  else checkOptional(hold, 'hold', 'boolean')
}

/** The hold that was asked for. @throws {@link InvalidArgumentError} when it is not of its form */
export function holdOf ({ hold = false }: Pick<FetchOptions, 'hold'>): Hold | undefined {
  return hold === false ? undefined : checkHold(hold === true ? {} : hold)
}
