import { memory } from '@libp2p/memory'
import { onTestFinished } from 'vitest'
import { buildComponents, stopComponents } from '../../src/components.ts'
import { publishBundle } from '../../src/bundle/publish.ts'
import { Jobs } from '../../src/jobs.ts'
import { noteInit } from '../bundle/fixtures.ts'
import { keyOf, Lines } from '../network/support.ts'
import type { Components } from '../../src/components.ts'
import type { RunCall } from '../../src/audit/run-call.ts'
import type { DataNodeInit } from '../../src/interface/data-node.ts'
import type { Statement } from '../../src/interface/statement.ts'

/** The parts of a whole node, in memory, and its place in the network. */
export interface NodeParts extends Components {
  place: string
  lines: Lines
  run: RunCall
}

let places = 0

/** Starts the node of the n-th key, which others can dial. It is stopped after the test. */
export async function startParts (n: number, init: Partial<DataNodeInit> = {}): Promise<NodeParts> {
  const lines = new Lines()
  const jobs = new Jobs()
  const components = await buildComponents({
    home: ':memory:', privateKey: Buffer.from(keyOf(n)).toString('hex'), listen: [`/memory/audit-${process.pid}-${places++}`], logger: lines.log, ...init
  }, { transports: [memory()] })
  onTestFinished(async () => { await stopComponents(components) })
  const [place = ''] = components.network.multiaddrs
  return { ...components, place, lines, run: async (options, call) => await jobs.run(options, call) }
}

/** Publishes so many notes that nobody has published before. */
export async function publishNotes (node: Components, count: number): Promise<Statement[]> {
  const published: Statement[] = []
  for (let n = 0; n < count; n++) {
    using kept = await publishBundle(node, noteInit([{ name: 'a', text: `note ${places++}` }]))
    for (const { statement } of kept.stored.statements) published.push(statement)
  }
  return published
}
