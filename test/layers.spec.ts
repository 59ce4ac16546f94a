import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import ts from 'typescript'
import { expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')

/** Folders and files of `src/`, by layer; imports go to lower layers only. */
const layers: Record<string, number> = {
  interface: 0,
  errors: 1,
  limits: 1,
  format: 2,
  merkle: 2,
  network: 3,
  store: 3,
  transfer: 3,
  bundle: 4,
  audit: 5,
  dataset: 5,
  health: 6,
  jobs: 6,
  'bundle-jobs': 6,
  'evidence-jobs': 6,
  components: 6,
  'data-node': 6,
  index: 7,
  verify: 7,
  evm: 7,
  testing: 7
}

/** Ways sideways that the design allows. */
const sideways: Record<string, readonly string[]> = {
  format: ['merkle'],
  transfer: ['network', 'store'],
  limits: ['errors'],
  'data-node': ['bundle-jobs', 'components', 'evidence-jobs', 'health', 'jobs'],
  'bundle-jobs': ['components', 'jobs'],
  'evidence-jobs': ['bundle-jobs', 'components', 'jobs'],
  health: ['components']
}

/** Folders that may touch helia and libp2p at run time. */
const engineUsers: Record<string, RegExp> = { network: /./, transfer: /./, testing: /./ }
const engine = /^(helia|libp2p|@helia\/.*|@libp2p\/.*|@chainsafe\/.*)$/
const linesMax = 250
/** Lists: everything of its kind is in one place, however much that is. */
const lists = ['errors.ts', 'limits.ts', 'interface/data-node.ts']

interface Import {
  specifier: string
  typeOnly: boolean
}

interface SourceFile {
  /** From `src/`, with `/`. */
  path: string
  /** The folder, or for files at the top the name without `.ts`. */
  unit: string
  text: string
  imports: Import[]
  /** True when every statement is a type or an import of one. */
  typesOnly: boolean
}

const files = readdirSync(join(root, 'src'), { recursive: true, encoding: 'utf8' })
  .map(path => path.replaceAll('\\', '/')).filter(path => path.endsWith('.ts')).sort().map(readSource)
const byPath = new Map(files.map(file => [file.path, file]))

test('every folder and file of src has its layer', () => {
  expect(files.filter(({ unit }) => layers[unit] === undefined).map(({ path }) => `${path} is in no layer`)).toEqual([])
})

test('imports go to lower layers, and sideways only where the design says so', () => {
  expect(files.flatMap(file => localImports(file).flatMap(({ unit, path }) => wrongDirection(file, unit, path)))).toEqual([])
})

test('every relative import names a file of src', () => {
  const missing = files.flatMap(file => file.imports
    .filter(({ specifier }) => specifier.startsWith('.') && !byPath.has(resolve(file, specifier)))
    .map(({ specifier }) => `${file.path} imports ${specifier}, which is not there`))
  expect(missing).toEqual([])
})

test('no file imports itself by way of others', () => {
  expect(files.flatMap(findCycle)).toEqual([])
})

test('helia and libp2p are imported at run time in network, transfer and testing only, and UnixFS in bundle', () => {
  const forbidden = files.flatMap(({ path, unit, imports }) => imports
    .filter(({ specifier, typeOnly }) => engine.test(specifier) && !typeOnly && engineUsers[unit]?.test(specifier) !== true)
    .map(({ specifier }) => `${path} imports ${specifier}`))
  expect(forbidden).toEqual([])
})

test('format, merkle and everything below the verify entry point use nothing of Node.js', () => {
  const pure = new Set(files.filter(({ unit }) => unit === 'format' || unit === 'merkle').concat(reachableFrom('verify.ts')))
  expect(importing(({ specifier }) => specifier.startsWith('node:'), file => pure.has(file))).toEqual([])
})

test('interface holds types only', () => {
  const running = files.filter(({ unit, typesOnly }) => unit === 'interface' && !typesOnly)
  expect(running.map(({ path }) => `${path} has run-time code`)).toEqual([])
})

test('every file of src has a spec of the same name', () => {
  const lacking = files.filter(({ path, unit, typesOnly }) => unit !== 'interface' && !typesOnly && !withoutSpec(path))
    .map(({ path }) => [path, `test/${path.replace(/\.ts$/, '.spec.ts')}`] as const)
    .filter(([, spec]) => !existsSync(join(root, spec)))
  expect(lacking.map(([path, spec]) => `${path} has no ${spec}`)).toEqual([])
})

test(`no file of src but a list is longer than ${linesMax} lines`, () => {
  const lines = ({ text }: SourceFile): number => text.replace(/\n$/, '').split('\n').length
  expect(files.filter(file => lines(file) > linesMax && !lists.includes(file.path)).map(file => `${file.path} has ${lines(file)} lines`)).toEqual([])
})

/** Lists and doors: the exported-names spec covers them. Generated code is tested by what it was generated for. */
function withoutSpec (path: string): boolean {
  return ['index.ts', 'evm/index.ts', 'testing/index.ts', 'limits.ts', 'errors.ts'].includes(path) || path.includes('generated')
}

function readSource (path: string): SourceFile {
  const text = readFileSync(join(root, 'src', path), 'utf8')
  const { statements } = ts.createSourceFile(path, text, ts.ScriptTarget.Latest)
  const unit = path.includes('/') ? path.slice(0, path.indexOf('/')) : path.replace(/\.ts$/, '')
  const imports = [...importsOf(statements), ...dynamicImportsOf(text)]
  return { path, unit, text, imports, typesOnly: statements.every(isTypeOnly) }
}

function importsOf (statements: readonly ts.Statement[]): Import[] {
  return statements.flatMap(statement => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return []
    const { moduleSpecifier } = statement
    if (moduleSpecifier === undefined || !ts.isStringLiteral(moduleSpecifier)) return []
    return [{ specifier: moduleSpecifier.text, typeOnly: isTypeOnly(statement) }]
  })
}

function dynamicImportsOf (text: string): Import[] {
  return [...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g)].map(([, specifier = '']) => ({ specifier, typeOnly: false }))
}

function isTypeOnly (statement: ts.Statement): boolean {
  if (ts.isImportDeclaration(statement)) return statement.importClause?.phaseModifier === ts.SyntaxKind.TypeKeyword
  if (ts.isExportDeclaration(statement)) return statement.isTypeOnly
  return ts.isInterfaceDeclaration(statement) || ts.isTypeAliasDeclaration(statement)
}

function resolve (file: SourceFile, specifier: string): string {
  return posix.normalize(posix.join(posix.dirname(file.path), specifier))
}

function localImports (file: SourceFile, counts: (imported: Import) => boolean = () => true): SourceFile[] {
  return file.imports.filter(imported => imported.specifier.startsWith('.') && counts(imported))
    .flatMap(({ specifier }) => byPath.get(resolve(file, specifier)) ?? [])
}

function wrongDirection (from: SourceFile, unit: string, path: string): string[] {
  if (from.unit === unit || sideways[from.unit]?.includes(unit)) return []
  const [upper = NaN, lower = NaN] = [layers[from.unit], layers[unit]]
  if (lower < upper) return []
  const way = lower > upper ? 'up' : 'sideways'
  return [`${from.path} (layer ${upper}) imports ${path} (layer ${lower}): imports go down, and this one goes ${way}`]
}

function importing (what: (imported: Import) => boolean, where: (file: SourceFile) => boolean): string[] {
  return files.filter(where)
    .flatMap(({ path, imports }) => imports.filter(what).map(({ specifier }) => `${path} imports ${specifier}`))
}

/** What is loaded with a file. */
function reachableFrom (path: string): SourceFile[] {
  const found = new Set<SourceFile>()
  const queue = [byPath.get(path)].filter(file => file !== undefined)
  for (let file = queue.pop(); file !== undefined; file = queue.pop()) {
    if (found.has(file)) continue
    found.add(file)
    queue.push(...localImports(file, ({ typeOnly }) => !typeOnly))
  }
  return [...found]
}

/** The shortest way from a file back to itself; told once, by the file whose path sorts first. */
function findCycle (start: SourceFile): string[] {
  const cameFrom = new Map<SourceFile, SourceFile>()
  const queue = [start]
  for (let file = queue.shift(); file !== undefined; file = queue.shift()) {
    for (const next of localImports(file)) {
      if (next === start) return describeCycle(start, file, cameFrom)
      if (cameFrom.has(next)) continue
      cameFrom.set(next, file)
      queue.push(next)
    }
  }
  return []
}

function describeCycle (start: SourceFile, end: SourceFile, cameFrom: Map<SourceFile, SourceFile>): string[] {
  const way = [start.path]
  for (let file = end; file !== start; file = cameFrom.get(file) ?? start) way.push(file.path)
  way.push(start.path)
  return way.some(path => path < start.path) ? [] : [`${way.reverse().join(' imports ')}: a circle`]
}
