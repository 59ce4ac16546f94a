import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import ts from 'typescript'
import { afterAll, beforeAll, expect, test } from 'vitest'

const root = join(import.meta.dirname, '..')
const timeoutMs = 60_000
const readme = join(root, 'README.md')

interface Block {
  language: string
  code: string
  /** Line of its first line in the README. */
  line: number
}

const blocks = existsSync(readme) ? readBlocks(readFileSync(readme, 'utf8')) : []
const programs = blocks.filter(({ language }) => ['ts', 'js', 'typescript', 'javascript'].includes(language))
const commands = blocks.filter(({ language }) => ['sh', 'bash', 'shell', 'console'].includes(language))

const strict: ts.CompilerOptions = {
  target: ts.ScriptTarget.ES2023,
  lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts'],
  module: ts.ModuleKind.NodeNext,
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
  strict: true,
  exactOptionalPropertyTypes: true,
  skipLibCheck: true,
  noEmit: true
}

let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'datanode-readme-'))
  await mkdir(join(folder, 'node_modules'))
  for (const name of ['hyparquet', 'hyparquet-writer', 'multiformats', 'viem', 'vitest']) await symlink(join(root, 'node_modules', name), join(folder, 'node_modules', name))
  await symlink(root, join(folder, 'node_modules', 'cortensor-datanode'))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  for (const block of programs) {
    await mkdir(workingFolder(block))
    await writeFile(join(workingFolder(block), fileOf(block)), block.code)
  }
})

afterAll(() => rm(folder, { recursive: true, force: true }))

test('the README has programs, and the library is built', () => {
  expect(programs.length, 'README.md has no ```ts block').toBeGreaterThan(0)
  expect(existsSync(join(root, 'dist/index.js')), 'dist/index.js is missing: npm run build').toBe(true)
})

test('every block of the README says its language', () => {
  expect(blocks.filter(({ language }) => language === '').map(({ line }) => `README.md:${line} names no language`)).toEqual([])
})

test.concurrent.each(programs)('the program at README.md:$line runs to its end', async block => {
  const { exitCode, output } = await run(workingFolder(block), fileOf(block))
  expect(exitCode, `README.md:${block.line}\n${output}`).toBe(0)
}, timeoutMs + 5_000)

test('strict TypeScript has nothing to say about the programs of the README', () => {
  const typed = programs.filter(block => fileOf(block).endsWith('.ts'))
  const files = new Map(typed.map(block => [join(workingFolder(block), fileOf(block)), block]))
  const diagnostics = ts.getPreEmitDiagnostics(ts.createProgram([...files.keys()], strict))
  expect(diagnostics.map(({ file, start = 0, messageText }) => {
    const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + (files.get(file?.fileName ?? '')?.line ?? 1)
    return `README.md:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`
  })).toEqual([])
}, timeoutMs)

test('commands of the README that run a script name one of package.json', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: Record<string, string> }
  const named = commands.flatMap(({ code, line }) => [...code.matchAll(/\bnpm run ([\w:-]+)/g)].map(([, script = '']) => ({ script, line })))
  expect(named.filter(({ script }) => scripts[script] === undefined)
    .map(({ script, line }) => `README.md:${line} runs ${script}, which package.json does not have`)).toEqual([])
})

function workingFolder ({ line }: Block): string {
  return join(folder, `line-${line}`)
}

function fileOf ({ language }: Block): string {
  return language.startsWith('t') ? 'program.ts' : 'program.js'
}

/** Fenced blocks, also those indented in lists. */
function readBlocks (text: string): Block[] {
  const found: Block[] = []
  let open: Block & { fence: string, indent: string } | undefined
  for (const [index, line] of text.split('\n').entries()) {
    const [, indent = '', fence = '', language = ''] = /^( *)(`{3,})\s*(\S*)/.exec(line) ?? []
    if (open === undefined) {
      if (fence !== '') open = { fence, indent, language, code: '', line: index + 2 }
    } else if (fence.startsWith(open.fence) && language === '') {
      found.push({ language: open.language, code: open.code, line: open.line })
      open = undefined
    } else {
      open.code += `${line.startsWith(open.indent) ? line.slice(open.indent.length) : line}\n`
    }
  }
  return found
}

async function run (cwd: string, file: string): Promise<{ exitCode: number | null, output: string }> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
    env: { ...process.env, NODE_PRIVATE_KEY: '1'.repeat(64) }
  })
  let output = ''
  child.stdout.on('data', (data: Buffer) => { output += data.toString() })
  child.stderr.on('data', (data: Buffer) => { output += data.toString() })
  await once(child, 'close')
  return { exitCode: child.exitCode, output: child.signalCode === null ? output : `${output}\nkilled by ${child.signalCode}` }
}
