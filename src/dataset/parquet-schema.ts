import { InvalidTableError, LimitExceededError } from '../errors.ts'
import { quote } from '../format/quote.ts'
import { parquetNestingMax, tableColumnsMax } from '../limits.ts'
import type { FieldType, TableField } from '../interface/table.ts'
import type { SchemaElement } from 'hyparquet'

/** A column of Parquet, or a part of one. */
export interface ParquetNode {
  element: SchemaElement
  path: readonly string[]
  children: ParquetNode[]
  /** Levels that say how deep in lists a value stands, and how much of the way to it is there. */
  repetition: number
  definition: number
}

interface Frame {
  node: ParquetNode
  names: Set<string>
  left: number
}

/**
 * Makes a tree of the list that a footer has, in one pass and without recursion.
 *
 * @returns its root
 * @throws {@link InvalidTableError} when it is no tree of columns with names of their own
 * @throws {@link LimitExceededError} when there are more columns than `tableColumnsMax`
 */
export function parquetTree (schema: readonly SchemaElement[]): ParquetNode {
  const [first, ...rest] = schema
  if (first?.num_children === undefined || first.num_children < 1) throw invalid('it has no columns')
  const root: ParquetNode = { element: first, path: [], children: [], repetition: 0, definition: 0 }
  const open: Frame[] = [{ node: root, names: new Set(), left: first.num_children }]
  let columns = 0
  for (const element of rest) {
    const frame = open.at(-1)
    if (frame === undefined) throw invalid('it has more elements than columns')
    const node = childOf(frame, element)
    if (element.num_children === undefined || element.num_children === 0) {
      if (element.type === undefined) throw invalid(`column ${quote(node.path.join('.'))} has no type`)
      if (++columns > tableColumnsMax) throw tooManyColumns(columns)
    } else {
      if (open.length > parquetNestingMax) throw invalid(`it is nested more than ${parquetNestingMax} deep`)
      open.push({ node, names: new Set(), left: element.num_children })
    }
    while (open.at(-1)?.left === 0) open.pop()
  }
  if (open.length > 0) throw invalid('it has fewer elements than columns')
  return root
}

/** @returns an error that says how many columns a table has, of any format */
export function tooManyColumns (columns: number): LimitExceededError {
  return new LimitExceededError(`A table has ${columns} columns or more; at most ${tableColumnsMax} are read`,
    { limit: 'tableColumnsMax', max: tableColumnsMax, actual: columns })
}

/** The columns that have values of their own, in the order of a row group. */
export function parquetLeaves (node: ParquetNode): ParquetNode[] {
  const leaves: ParquetNode[] = []
  for (const open = [node]; open.length > 0;) {
    const next = open.pop()
    if (next === undefined) break
    if (next.children.length === 0) leaves.push(next)
    open.push(...next.children.toReversed())
  }
  return leaves
}

/** What a column is to a reader. */
export function parquetField (node: ParquetNode): TableField {
  const { element: { name, repetition_type: repetition } } = node
  const item = itemOf(node)
  if (item !== undefined) return { name, type: typeOf(item), repeated: true, nullable: repetition === 'OPTIONAL' }
  return { name, type: typeOf(node), nullable: repetition !== 'REQUIRED' }
}

/** Of a list what it is a list of. */
function itemOf (node: ParquetNode): ParquetNode | undefined {
  const { element, children: [only, ...others] } = node
  if (element.repetition_type === 'REPEATED') return node
  const isList = element.converted_type === 'LIST' || element.logical_type?.type === 'LIST'
  if (!isList || only?.element.repetition_type !== 'REPEATED' || others.length > 0) return undefined
  return only.children.length === 1 ? only.children[0] : only
}

function typeOf ({ element, children }: ParquetNode): FieldType {
  if (children.length > 0) return 'sc:StructuredValue'
  const { type, converted_type: converted = '', logical_type: logical } = element
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL' || logical?.type === 'FLOAT16') return 'sc:Float'
  if (converted === 'DATE' || logical?.type === 'DATE') return 'sc:Date'
  if (converted.startsWith('TIMESTAMP') || logical?.type === 'TIMESTAMP' || type === 'INT96') return 'sc:DateTime'
  switch (type) {
    case 'BOOLEAN': return 'sc:Boolean'
    case 'INT32':
    case 'INT64': return 'sc:Integer'
    case 'FLOAT':
    case 'DOUBLE': return 'sc:Float'
    default: return isText(element) ? 'sc:Text' : 'sc:StructuredValue'
  }
}

function isText ({ converted_type: converted, logical_type: logical }: SchemaElement): boolean {
  return converted === 'UTF8' || converted === 'ENUM' || ['STRING', 'ENUM', 'UUID'].includes(logical?.type ?? '')
}

function childOf (frame: Frame, element: SchemaElement): ParquetNode {
  const { node, names } = frame
  const { name, repetition_type: repetition, num_children: children = 0, type_length: length = 1 } = element
  const path = [...node.path, name]
  if (name === '' || name === '__proto__') throw invalid(`a column is named ${quote(name)}`)
  if (names.has(name)) throw invalid(`two columns are named ${quote(path.join('.'))}`)
  if (children < 0 || length < 0) throw invalid(`column ${quote(path.join('.'))} has a negative size`)
  if (repetition === undefined) throw invalid(`column ${quote(path.join('.'))} does not say whether it is repeated`)
  names.add(name)
  frame.left--
  const child = {
    element,
    path,
    children: [],
    repetition: node.repetition + (repetition === 'REPEATED' ? 1 : 0),
    definition: node.definition + (repetition === 'REQUIRED' ? 0 : 1)
  }
  node.children.push(child)
  return child
}

function invalid (problem: string): InvalidTableError {
  return new InvalidTableError(`The schema of a Parquet file is not valid: ${problem}`)
}
