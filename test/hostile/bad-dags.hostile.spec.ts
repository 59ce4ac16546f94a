import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { dagProtocol } from '../../src/format/messages.ts'
import { TestDag } from '../bundle/dags.ts'
import { carOf } from '../transfer/http-support.ts'
import { startAdversary } from './adversary.ts'
import { badDags, badFiles } from './bad-dags.ts'
import { servesDag, wholeDag } from './serves-dag.ts'
import { attackNode, fetchGrowthMax, nameOf, serveGrowthMax, useStage } from './stage.ts'

const stage = useStage()

describe('a DAG whose blocks hash as they should, with', () => {
  it.each(badDags)('$what is refused by its error when it is fetched, and when it is imported', async ({ what, make, error, importError = error, isWide = false }) => {
    const dag = new TestDag()
    const root = make(dag)
    const { node } = stage
    const server = await startAdversary({ [dagProtocol]: servesDag(dag) })
    const path = join(stage.directory, 'bad.car')
    await writeFile(path, carOf({ root }, wholeDag(dag, root).blocks))

    await attackNode(stage, { attack: `bad DAG: ${what}`, growthMax: isWide ? serveGrowthMax : fetchGrowthMax }, async (during) => {
      const [fetched] = await Promise.all([node.call('fetch', { ref: root.toString(), providers: [server.at] }), during()])
      const imported = await node.call('importCar', { path, readers: 'anyone' })
      expect([nameOf(fetched), nameOf(imported)], fetched.error?.message).toEqual([error, importError])
      expect((await node.call('stored', {})).roots).not.toContain(root.toString())
      return nameOf(fetched)
    })
  })

  it.each(badFiles)('$what in a file is found when the file is read', async ({ what, make, error }) => {
    const dag = new TestDag()
    const ref = make(dag).toString()
    const { node } = stage
    const server = await startAdversary({ [dagProtocol]: servesDag(dag) })

    await attackNode(stage, { attack: `bad DAG: ${what}`, growthMax: fetchGrowthMax }, async (during) => {
      const argument = { ref, providers: [server.at], path: 'x' }
      const [opened] = await Promise.all([node.call('read', argument), during()])
      expect(nameOf(await node.call('fetch', argument))).toBe('fetched')
      const stored = await node.call('read', argument)
      expect([nameOf(opened), nameOf(stored)], opened.error?.message).toEqual([error, error])
      await node.call('forget', { refs: [ref] })
      return nameOf(stored)
    })
  })
})
