import { readdirSync, readFileSync, statSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { join } from 'node:path'
import { createContext, runInContext } from 'node:vm'
import { build } from 'rolldown'
import { expect, test } from 'vitest'
import { z } from 'zod'

const dist = join(import.meta.dirname, '../dist')

/** What Helia brings along by default, and no miner wants inside its process. */
const unwanted = [
  /webrtc/, /node-datachannel/, /auto-?tls/, /acme/, /kad-dht/, /forge/, /^undici$/, /react-native/, /mdns/, /upnp/, /nat-api/,
  /circuit-relay/, /bootstrap/, /gossipsub/, /floodsub/, /delegated-routing/, /websockets?/, /webtransport/, /^@helia\/http$/, /^ws$/,
  /^viem$/, /^vitest$/, /^@types\//
]

const javascriptBytesMax = 3 * 1024 * 1024
const distBytesMax = 4 * 1024 * 1024
const verifyMinifiedBytesMax = 200 * 1024

const files = new Map(readdirSync(dist).map(name => [name, readFileSync(join(dist, name), 'utf8')]))
const scripts = [...files].filter(([name]) => name.endsWith('.js'))
const declarations = [...files].filter(([name]) => name.endsWith('.d.ts'))
const sbom = JSON.parse(files.get('sbom.cdx.json') ?? '{}') as unknown

const license = z.union([
  z.strictObject({ license: z.strictObject({ id: z.string().regex(/^[\w.+-]+$/) }) }),
  z.strictObject({ expression: z.string().regex(/ (OR|AND|WITH) /) })
])
const component = z.strictObject({
  'type': z.literal('library'),
  'bom-ref': z.string().min(1),
  'group': z.string().optional(),
  'name': z.string().min(1),
  'version': z.string().min(1),
  'description': z.string().optional(),
  'scope': z.literal('required').optional(),
  'hashes': z.array(z.strictObject({ alg: z.literal('SHA-512'), content: z.string().regex(/^[0-9a-f]{128}$/) })).optional(),
  'licenses': z.array(license).length(1),
  'purl': z.string().regex(/^pkg:npm\/(%40[\w.-]+\/)?[\w.-]+@[\w.%-]+$/),
  'externalReferences': z.array(z.strictObject({ type: z.literal('website'), url: z.url() })).optional()
})
const bom = z.strictObject({
  $schema: z.literal('http://cyclonedx.org/schema/bom-1.6.schema.json'),
  bomFormat: z.literal('CycloneDX'),
  specVersion: z.literal('1.6'),
  serialNumber: z.string().regex(/^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/),
  version: z.literal(1),
  metadata: z.strictObject({ lifecycles: z.tuple([z.strictObject({ phase: z.literal('build') })]), component }),
  components: z.array(component),
  dependencies: z.array(z.strictObject({ ref: z.string(), dependsOn: z.array(z.string()) })),
  compositions: z.array(z.strictObject({ aggregate: z.literal('complete'), assemblies: z.array(z.string()) }))
})

test('the bundle holds none of the packages that open sockets to strangers or weigh much', () => {
  expect(bundledPackages()).toContain('libp2p')
  const found = bundledPackages().filter(name => unwanted.some(pattern => pattern.test(name)))
  expect(found.map(name => `${name} is in the bundle`)).toEqual([])
})

test('the bundle imports nothing but Node.js, classic-level, multiformats and what hosts install for Parquet and, behind evm, viem', () => {
  const imported = new Set(scripts.flatMap(([, code]) => importsOf(code)).filter(name => !name.startsWith('./') && !isBuiltin(name)))
  expect([...imported].map(packageOf).filter((name, index, all) => all.indexOf(name) === index).sort())
    .toEqual(['classic-level', 'hyparquet', 'hyparquet-writer', 'multiformats', 'viem'])
  const reached = ['index.js', 'verify.js', 'testing.js'].flatMap(entry => reachableFrom(entry))
  expect(reached.filter(name => importsOf(files.get(name) ?? '').map(packageOf).includes('viem'))).toEqual([])
})

test('declarations import nothing but one another and multiformats', () => {
  const imported = declarations.flatMap(([name, code]) => [...importsOf(code), ...inlineImportsOf(code)]
    .filter(specifier => !specifier.startsWith('./') && packageOf(specifier) !== 'multiformats')
    .map(specifier => `${name} imports ${specifier}`))
  expect(imported).toEqual([])
})

test('declarations mention no type of Helia or libp2p', () => {
  const types = /\b(Helia|Libp2p|PeerId|Multiaddr|Connection|Stream|Blockstore|Datastore|Transport|Startable)\b/
  const mentioned = declarations.flatMap(([name, code]) => withoutComments(code).split('\n')
    .filter(line => types.test(line)).map(line => `${name} says ${line.trim()}`))
  expect(mentioned).toEqual([])
})

test('the bundle stays small', () => {
  const bytes = (names: string[]): number => names.reduce((sum, name) => sum + statSync(join(dist, name)).size, 0)
  expect(bytes(scripts.map(([name]) => name))).toBeLessThan(javascriptBytesMax)
  expect(bytes([...files.keys()])).toBeLessThan(distBytesMax)
})

test('the verify entry point reaches no module of Node.js, and is small when minified', async () => {
  const reached = reachableFrom('verify.js')
  expect(reached.flatMap(name => importsOf(files.get(name) ?? '').filter(isBuiltin).map(builtin => `${name} imports ${builtin}`))).toEqual([])
  const { code, bytes } = await bundleForBrowsers('verify.js')
  console.log(`verify, minified with everything it needs: ${Math.ceil(bytes / 1024)} KiB`)
  expect(importsOf(code)).toEqual([])
  expect(bytes).toBeLessThan(verifyMinifiedBytesMax)
})

test('the verify entry point loads where there is no Node.js', async () => {
  const { code } = await bundleForBrowsers('verify.js', 'iife')
  const web = { TextEncoder, TextDecoder, URL, URLSearchParams, crypto, atob, btoa, AbortSignal, AbortController, Uint8Array }
  const loaded = runInContext(`${code}\nexported`, createContext({ ...web })) as Record<string, unknown>
  expect(Object.keys(loaded).length).toBeGreaterThan(0)
})

test('the bill of materials is CycloneDX 1.6 and names each bundled package once', () => {
  const { metadata, components, dependencies } = bom.parse(sbom)
  const names = components.map(({ group, name }) => group === undefined ? name : `${group}/${name}`)
  expect([...new Set(names)].sort()).toEqual(bundledPackages(realName))
  const references = components.map(found => found['bom-ref'])
  expect(new Set(references).size).toBe(references.length)
  expect(dependencies).toEqual([{ ref: metadata.component['bom-ref'], dependsOn: references }])
  expect(components.filter(({ hashes }) => hashes === undefined).map(({ name }) => `${name} has no hash in the lockfile`)).toEqual([])
})

test('the notices hold a licence for each bundled package', () => {
  const notices = files.get('THIRD-PARTY-NOTICES.txt') ?? ''
  const { components } = bom.parse(sbom)
  const lacking = components.map(({ group, name, version }) => `${group === undefined ? '' : `${group}/`}${name}@${version} (`)
    .filter(head => !notices.includes(`\n${head}`))
  expect(lacking).toEqual([])
  expect(notices).toContain('Permission is hereby granted')
  expect(notices).toContain('Apache License')
})

/** From the comments that the bundler leaves where a module begins: what is there, whatever the bill of materials says. */
function bundledPackages (nameOf: (folder: string) => string = installedName): string[] {
  const folders = scripts.flatMap(([, code]) => [...code.matchAll(/^\/\/ ((?:\S+\/)?node_modules\/(?:@[^/\s]+\/)?[^/\s]+)\/\S+$/gm)])
    .map(([, folder = '']) => folder)
  return [...new Set([...new Set(folders)].map(nameOf))].sort()
}

function installedName (folder: string): string {
  return folder.slice(folder.lastIndexOf('node_modules/') + 'node_modules/'.length)
}

/** Two packages are installed under the names that they had before they moved. */
function realName (folder: string): string {
  const { name } = JSON.parse(readFileSync(join(dist, '..', folder, 'package.json'), 'utf8')) as { name: string }
  return name
}

function importsOf (code: string): string[] {
  const statements = code.matchAll(/^(?:import|export)\b[^;]*?\bfrom\s*["']([^"']+)["'];?$|^import\s*["']([^"']+)["'];?$/gm)
  const dynamic = code.matchAll(/\b(?:import|__require\d*|require)\(["']([^"']+)["']\)/g)
  return [...statements, ...dynamic].map(([, from, bare]) => from ?? bare ?? '')
}

function inlineImportsOf (code: string): string[] {
  return [...code.matchAll(/\bimport\(["']([^"']+)["']\)/g)].map(([, from = '']) => from)
}

function withoutComments (code: string): string {
  return code.replace(/\/\*.*?\*\//gs, '')
}

function packageOf (specifier: string): string {
  return specifier.split('/').slice(0, specifier.startsWith('@') ? 2 : 1).join('/')
}

function reachableFrom (name: string): string[] {
  const found = new Set<string>()
  const queue = [name]
  for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
    if (found.has(next)) continue
    found.add(next)
    queue.push(...importsOf(files.get(next) ?? '').filter(from => from.startsWith('./')).map(from => from.slice(2)))
  }
  return [...found]
}

async function bundleForBrowsers (name: string, format: 'es' | 'iife' = 'es'): Promise<{ code: string, bytes: number }> {
  const { output } = await build({
    input: join(dist, name),
    platform: 'browser',
    write: false,
    logLevel: 'silent',
    output: { format, name: 'exported', minify: true, codeSplitting: false }
  })
  const [{ code }] = output
  return { code, bytes: Buffer.byteLength(code) }
}
