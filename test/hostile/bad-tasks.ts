import { entriesMax, jsonDepthMax, manifestBytesMax, nameBytesMax, pathBytesMax } from '../../src/limits.ts'
import type { TaskInit } from '../../src/interface/data-node.ts'
import type { JsonObject, JsonValue } from '../../src/interface/primitives.ts'

/** A task that a host gives to be published, by mistake or because somebody else made it up. */
export interface BadTask {
  what: string
  make: () => Partial<TaskInit>
  /** Name of the error. */
  error: string
}

const invalidName = 'InvalidNameError'
const tooMuch = 'LimitExceededError'
const invalidJson = 'InvalidManifestError'

function named (...names: readonly string[]): () => Partial<TaskInit> {
  return () => ({ files: names.map(name => ({ name, text: 'x' })) })
}

function many (count: number): Partial<TaskInit> {
  return { files: Array.from({ length: count }, (_, at) => ({ name: String(at), text: 'x' })) }
}

/** Arrays or objects in each other. */
function nested (depth: number, wrap: (inner: JsonValue) => JsonValue): JsonValue {
  let value: JsonValue = 1
  for (let at = 0; at < depth; at++) value = wrap(value)
  return value
}

function circular (): JsonObject {
  const value: Record<string, JsonValue> = {}
  value['self'] = value
  return value
}

/** Every row of bad input that can be published. */
export const badTasks: readonly BadTask[] = [
  { what: 'an empty name', make: named(''), error: invalidName },
  { what: 'the name .', make: named('.'), error: invalidName },
  { what: 'the name ..', make: named('..'), error: invalidName },
  { what: 'a name that leaves the bundle', make: named('../../escaped'), error: invalidName },
  { what: 'a name that leaves it on the way', make: named('a/../../b'), error: invalidName },
  { what: 'an absolute name', make: named('/etc/cron.d/x'), error: invalidName },
  { what: 'a name with a backslash', make: named('a\\b'), error: invalidName },
  { what: 'a name with NUL', make: named('a\0b'), error: invalidName },
  { what: 'a name with a control character', make: named('a\u0007b'), error: invalidName },
  { what: 'a name with a bidi override', make: named('a\u202etxt.exe'), error: invalidName },
  { what: 'a name with half a surrogate', make: named('a\ud800'), error: invalidName },
  { what: 'a name of 256 bytes', make: named('n'.repeat(nameBytesMax + 1)), error: invalidName },
  { what: 'a path longer than one may be', make: named(Array.from({ length: 30 }, () => 'n'.repeat(pathBytesMax / 20)).join('/')), error: invalidName },
  { what: 'a path 1,000 deep', make: named(Array.from({ length: 1_000 }, () => 'd').join('/')), error: invalidName },
  { what: 'a name twice', make: named('a', 'a'), error: invalidName },
  { what: 'a file where a directory is', make: named('a/b', 'a'), error: invalidName },
  { what: 'too many files', make: () => many(entriesMax + 1), error: tooMuch },
  { what: 'a million files', make: () => many(1_000_000), error: tooMuch },
  { what: 'a prompt 100,000 deep', make: () => ({ prompt: nested(100_000, inner => [inner]) }), error: tooMuch },
  { what: 'a prompt deeper than it may be', make: () => ({ prompt: nested(jsonDepthMax + 1, inner => ({ inner })) }), error: tooMuch },
  { what: 'a prompt over the limit', make: () => ({ prompt: 'x'.repeat(manifestBytesMax + 1) }), error: tooMuch },
  { what: 'a configuration with __proto__', make: () => ({ config: JSON.parse('{"__proto__":{"isAdmin":true}}') as JsonObject }), error: invalidJson },
  { what: 'a configuration that contains itself', make: () => ({ config: circular() }), error: invalidJson },
  { what: 'a prompt with half a surrogate', make: () => ({ prompt: '\udc00' }), error: invalidJson },
  { what: 'numbers that are none', make: () => ({ config: { a: NaN } }), error: invalidJson }
]
