/**
 * A data node that appends rows to a dataset and commits versions of it until it is killed or its parent ends. What it prints:
 *
 * - `loaded`
 * - `kept <n>` from here on the row n is in the next version, or in one that is there
 * - `committed <version>`
 *
 * Arguments: home, and the number of the first row.
 */
import { createHash } from 'node:crypto'
import { cidOf, createDataNode } from '../../../dist/index.js'
import { latestVersions } from '../latest-versions.ts'
import type { DataNode } from '../../../src/interface/data-node.ts'
import type { DatasetAppender } from '../../../src/interface/dataset.ts'

const [home = '', first = '0'] = process.argv.slice(2)
process.stdin.on('end', () => process.exit()).resume()

function say (what: string, about: string): void {
  process.stdout.write(`${what} ${about}\n`)
}

async function commit (node: DataNode, appender: DatasetAppender): Promise<void> {
  const version = appender.unfinished ?? `1.${(await latestVersions(node)).length}.0`
  const committed = await appender.commit({ version }, { retentionMs: Infinity })
  await committed.close()
  say('committed', version)
}

say('loaded', '')
const node: DataNode = await createDataNode({ home, privateKey: '11'.repeat(32) })
const appender = await node.datasets.append({ name: 'rows', columns: [{ name: 'n', type: 'sc:Integer' }], rowGroupRows: 7 })
if (appender.unfinished !== undefined) await commit(node, appender)
for (let n = Number(first); ; n++) {
  const result = cidOf(`0x${createHash('sha256').update(String(n)).digest('hex')}`)
  await appender.append([{ n }], { result, miner: node.address })
  say('kept', String(n))
  if (n % 25 === 24) await commit(node, appender)
}
