import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { install, pack } from './package/packed.ts'
import type { Installed } from './package/packed.ts'

const root = join(import.meta.dirname, '..')
const run = promisify(execFile)
const packagesMax = 20
const bytesMax = 20 * 1024 * 1024

let folder: string
let tarball: string
let files: string[]
let installed: Installed

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'datanode-package-'))
  await mkdir(join(folder, 'host'))
  ;({ tarball, files } = await pack(folder))
  installed = await install(tarball, join(folder, 'host'))
})

afterAll(() => rm(folder, { recursive: true, force: true }))

test('the tarball holds dist, the contract, the licence, the README and the change log', () => {
  expect(files.filter(file => !file.startsWith('dist/')))
    .toEqual(['CHANGELOG.md', 'LICENSE', 'README.md', 'contracts/DataNodeVerifier.sol', 'package.json'])
  expect(files.filter(file => !/^dist\/[\w.-]+\.(js|d\.ts)$/.test(file) && file.startsWith('dist/')))
    .toEqual(['dist/THIRD-PARTY-NOTICES.txt', 'dist/sbom.cdx.json'])
})

test(`a host installs at most ${packagesMax} packages and ${bytesMax / 1024 / 1024} MiB`, () => {
  console.log(`${installed.packages.length} packages, ${(installed.bytes / 1024 / 1024).toFixed(1)} MiB: ${installed.packages.join(', ')}`)
  expect(installed.packages).toContain('cortensor-datanode')
  expect(installed.packages.length).toBeLessThanOrEqual(packagesMax)
  expect(installed.bytes).toBeLessThanOrEqual(bytesMax)
})

test('publint finds nothing to say', async () => {
  await expect(tool('publint', ['run', tarball, '--strict'])).resolves.toMatch(/All good/)
})

test('are the types wrong finds nothing for hosts that import', async () => {
  const report = await tool('attw', [tarball, '--profile', 'esm-only', '--no-emoji', '--no-color'])
  expect([...report.matchAll(/node16 \(from ESM\): OK \(ESM\)/g)].length, report).toBe(4)
})

test('a strict TypeScript host compiles without skipLibCheck, and moves bundles between two nodes', async () => {
  const host = join(folder, 'host')
  await copyFile(join(root, 'test/package/host.ts'), join(host, 'host.ts'))
  await writeFile(join(host, 'tsconfig.json'), JSON.stringify({ compilerOptions: strict, files: ['host.ts'] }))
  await expect(tool('tsc', ['-p', host])).resolves.toBe('')
  const { stdout } = await run(process.execPath, ['host.js'], { cwd: host, timeout: 60_000 })
  expect(JSON.parse(stdout)).toEqual({ output: { text: 'An IPFS peer inside the process of its host.' } })
})

const strict = {
  target: 'es2023',
  lib: ['es2023', 'esnext.disposable'],
  module: 'nodenext',
  types: ['node'],
  typeRoots: [join(root, 'node_modules/@types')],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false
}

/** Runs a program of this project's own dependencies; what it printed is in the error when it fails. */
async function tool (name: string, args: string[]): Promise<string> {
  try {
    const { stdout } = await run(join(root, 'node_modules/.bin', name), args, { cwd: root })
    return stdout
  } catch (error) {
    const { stdout, stderr } = error as { stdout: string, stderr: string }
    throw new Error(`${name} ${args.join(' ')} failed:\n${stdout}${stderr}`, { cause: error })
  }
}
