import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import type { Abi, Hex } from 'viem'

/** What a contract can be deployed from. */
export interface Contract {
  abi: Abi
  bytecode: Hex
}

interface Output {
  errors?: { severity: string, formattedMessage: string }[]
  contracts?: Record<string, Record<string, { abi: Abi, evm: { bytecode: { object: string } } }>>
}

const root = join(import.meta.dirname, '..', '..', '..')
const cache = join(root, 'node_modules', '.cache', 'solc')
const timeoutMs = 120_000

/**
 * Compiles Solidity files, given by their paths from the root of the project, with `solc` from npm. They may import each other
 * by `./`, and those of this package as its users do. What was compiled once is kept, by what it was made of.
 *
 * @returns the contracts of all the files, by name
 */
export async function compile (...paths: string[]): Promise<Record<string, Contract>> {
  const input = JSON.stringify({
    language: 'Solidity',
    sources: Object.fromEntries(await Promise.all(paths.map(async path =>
      [basename(path), { content: await readFile(join(root, path), 'utf8') }] as const))),
    settings: {
      remappings: ['cortensor-datanode/contracts/='],
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } }
    }
  })
  const compiler = fileURLToPath(import.meta.resolve('solc/solc.js'))
  const { version } = JSON.parse(await readFile(join(compiler, '..', 'package.json'), 'utf8')) as { version: string }
  const kept = join(cache, `${createHash('sha256').update(version).update(input).digest('hex')}.json`)
  const output = await readFile(kept, 'utf8').catch(async () => await compileNow(compiler, input, kept))
  return JSON.parse(output) as Record<string, Contract>
}

/** In a process of its own: the compiler is 9 MB of WebAssembly, and listens to errors of the whole process. */
async function compileNow (compiler: string, input: string, kept: string): Promise<string> {
  const output = JSON.parse(await run(compiler, input)) as Output
  const wrong = output.errors?.filter(({ severity }) => severity !== 'info') ?? []
  if (wrong.length > 0) throw new Error(wrong.map(({ formattedMessage }) => formattedMessage).join('\n'))
  const contracts = Object.values(output.contracts ?? {}).flatMap(file => Object.entries(file))
    .map(([name, { abi, evm }]) => [name, { abi, bytecode: `0x${evm.bytecode.object}` }] as const)
  const result = JSON.stringify(Object.fromEntries(contracts))
  await mkdir(cache, { recursive: true })
  const written = `${kept}.${process.pid}`
  await writeFile(written, result)
  await rename(written, kept)
  return result
}

async function run (compiler: string, input: string): Promise<string> {
  const program = execFile(process.execPath, [compiler, '--standard-json'], { timeout: timeoutMs, maxBuffer: 2 ** 26 })
  program.stdin?.end(input)
  const output = await text(program.stdout!)
  // It says before it which solvers it has not found.
  return output.slice(output.indexOf('{'))
}
