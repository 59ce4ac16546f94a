/**
 * What a JSON value may be in this library, beyond what a parser says: nested at most so deep, and made of nothing that is
 * lost or changed when it is written and read again.
 *
 * Depth counts the objects and arrays that are open at once: `1` is 0 deep, `[]` is 1 deep, `[{}]` is 2 deep.
 */
import { InvalidManifestError, LimitExceededError } from '../errors.ts'
import { quote } from './quote.ts'

const [quoteMark, backslash, openBracket, closeBracket, openBrace, closeBrace] = [0x22, 0x5c, 0x5b, 0x5d, 0x7b, 0x7d]

/** An object or array whose children are being looked at. */
interface OpenContainer {
  container: object
  children: Iterator<unknown>
}

/**
 * Bounds the nesting of JSON before a parser sees it, in one pass over its bytes. Whether it is JSON is not its question.
 *
 * @throws {@link LimitExceededError} when it is nested deeper than `depthMax`
 */
export function checkJsonDepth (bytes: Uint8Array, depthMax: number): void {
  let depth = 0
  let inString = false
  for (let index = 0; index < bytes.byteLength; index++) {
    const byte = bytes[index]
    if (byte === quoteMark) {
      inString = !inString
    } else if (inString) {
      index += byte === backslash ? 1 : 0
    } else if (byte === openBracket || byte === openBrace) {
      depth++
      refuseDepth(depth, depthMax)
    } else if (byte === closeBracket || byte === closeBrace) {
      depth--
    }
  }
}

/**
 * Checks that a value is JSON through and through, without recursion.
 *
 * @throws {@link InvalidManifestError} when something in it is not, or when it holds itself
 * @throws {@link LimitExceededError} when it is nested deeper than `depthMax`
 */
export function checkJsonValue (root: unknown, depthMax: number): void {
  const open: OpenContainer[] = []
  let value = root
  for (;;) {
    if (isContainer(value)) {
      enter(value, open, depthMax)
    } else {
      checkScalar(value)
    }
    let next = open.at(-1)?.children.next()
    while (next?.done === true) {
      open.pop()
      next = open.at(-1)?.children.next()
    }
    if (next === undefined) {
      return
    }
    value = next.value
  }
}

function enter (container: object, open: OpenContainer[], depthMax: number): void {
  if (open.some((ancestor) => ancestor.container === container)) {
    throw new InvalidManifestError('The value holds itself, which JSON cannot say')
  }
  refuseDepth(open.length + 1, depthMax)
  if (Array.isArray(container)) {
    open.push({ container, children: container.values() })
    return
  }
  checkPlain(container)
  Object.keys(container).forEach(checkName)
  open.push({ container, children: Object.values(container).values() })
}

function refuseDepth (depth: number, depthMax: number): void {
  if (depth > depthMax) {
    throw new LimitExceededError(`The JSON is nested more than ${depthMax} deep`, { limit: 'depthMax', max: depthMax, actual: depth })
  }
}

function isContainer (value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

/** Plain objects of any realm: those whose prototype has none itself. */
function checkPlain (value: object): void {
  const prototype: unknown = Object.getPrototypeOf(value)
  const plain = prototype === null || Object.getPrototypeOf(prototype) === null
  if (!plain || typeof (value as { toJSON?: unknown }).toJSON === 'function') {
    throw new InvalidManifestError(`An object of a class (${Object.prototype.toString.call(value)}) is not a JSON value`)
  }
}

function checkName (name: string): void {
  if (name === '__proto__') {
    throw new InvalidManifestError('A member is named "__proto__", which programs take for something else')
  }
  checkText(name)
}

function checkScalar (value: unknown): void {
  if (typeof value === 'string') {
    checkText(value)
  } else if (typeof value === 'number' ? !Number.isFinite(value) : typeof value !== 'boolean' && value !== null) {
    throw new InvalidManifestError(`${typeof value === 'number' ? value : `A value of type ${typeof value}`} is not a JSON value`)
  }
}

function checkText (text: string): void {
  if (!text.isWellFormed()) {
    throw new InvalidManifestError(`The text ${quote(text)} has a lone surrogate`)
  }
}
