import { join } from 'node:path'
import { defineConfig } from 'vitest/config'
import type { ViteUserConfig } from 'vitest/config'

/** Where the numbers go as JSON, for scripts that add them up. */
const report = process.env['TEST_REPORT']

/** Need the network, other programs or minutes. */
const long = ['test/package.spec.ts', 'test/**/*.long.spec.ts']
const interop = ['test/interop/**/*.interop.spec.ts']
const faults = ['test/faults/**/*.faults.spec.ts']
const hostile = ['test/hostile/**/*.hostile.spec.ts']

const config: ViteUserConfig = defineConfig({
  test: {
    reporters: report === undefined ? ['default'] : ['default', ['json', { outputFile: report }]],
    pool: 'forks',
    maxWorkers: 2,
    // A busy machine takes longer than the second that is the default, for something that only has to come.
    expect: { poll: { timeout: 15_000 } },
    projects: [
      {
        extends: true,
        // The compliance suite of blockstores takes its assertions from a tool that it does not name as a dependency.
        resolve: { alias: { 'aegir/chai': join(import.meta.dirname, 'test/store/aegir-chai.ts') } },
        test: {
          name: 'unit',
          server: { deps: { inline: ['interface-blockstore-tests'] } },
          include: ['test/**/*.spec.ts'],
          exclude: [...long, ...interop, ...faults, ...hostile],
          // Most of the time would go into loading libp2p again for each file.
          isolate: false,
          testTimeout: 20_000,
          hookTimeout: 20_000
        }
      },
      {
        extends: true,
        test: { name: 'long', include: long, testTimeout: 300_000, hookTimeout: 300_000 }
      },
      {
        extends: true,
        // A process for each file: descriptors and memory are counted in it.
        test: { name: 'faults', include: faults, setupFiles: ['test/faults/setup.ts'], testTimeout: 600_000, hookTimeout: 60_000 }
      },
      {
        extends: true,
        test: {
          name: 'hostile',
          include: hostile,
          globalSetup: ['test/hostile/table.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000
        }
      },
      {
        extends: true,
        test: { name: 'interop', include: interop, testTimeout: 120_000, hookTimeout: 900_000 }
      }
    ]
  }
})

export default config
