import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { defineConfig } from 'rolldown'
import { dts } from 'rolldown-plugin-dts'
import { levelModule } from './.ci/build/level-module.ts'
import { ownDeclarations } from './.ci/build/own-declarations.ts'
import { thirdParty } from './.ci/build/third-party-plugin.ts'
import type { Product } from './.ci/build/sbom.ts'
import type { RolldownOptions } from 'rolldown'

const root = import.meta.dirname
const product = JSON.parse(readFileSync(`${root}/package.json`, 'utf8')) as Product

/** `classic-level` is native; a host's CIDs must be those of this library, so `multiformats` is shared; the rest are peers. */
const shared = /^(classic-level|multiformats|hyparquet|hyparquet-writer|viem)(\/|$)/

const config: RolldownOptions = defineConfig({
  input: {
    index: 'src/index.ts',
    verify: 'src/verify.ts',
    evm: 'src/evm/index.ts',
    testing: 'src/testing/index.ts'
  },
  platform: 'node',
  external: id => shared.test(id) || isBuiltin(id),
  transform: { target: 'node22.19' },
  plugins: [levelModule(), dts({ generator: 'oxc', sourcemap: false }), ownDeclarations(), thirdParty(root, product)],
  output: {
    dir: 'dist',
    format: 'es',
    cleanDir: true,
    // Readable stack traces are worth more than bytes on disk; a source map would weigh twice as much as the code.
    minify: false,
    // One character that is not ASCII doubles the memory that V8 keeps the source in.
    charset: 'ascii',
    comments: { legal: true, annotation: true, jsdoc: false },
    chunkFileNames: 'chunk-[name].js',
    entryFileNames: '[name].js'
  },
  onLog (level, log, report) {
    if (level === 'warn' && log.code === 'EVAL') return
    report(level, log)
  }
})

export default config
