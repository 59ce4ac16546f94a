import { once } from 'node:events'
import { createServer } from 'node:http'
import { describe, expect, it } from 'vitest'
import { Demo } from './demo.ts'
import type { AddressInfo } from 'node:net'

describe('a dataset that grows', () => {
  it('has versions, a diff, no rows of the cheat, a mirror and a proof in the end', async () => {
    await using demo = await Demo.start('grow-a-dataset')
    const lines = await demo.ended(0)
    expect(lines).toContainEqual(expect.stringMatching(/ 1\.0\.0 → 1\.1\.0 {2}\+\d+ rows, \+3 row groups$/))
    expect(lines).toContainEqual(expect.stringMatching(/^ +added: data\/part-00002\.lineage\.jsonl, data\/part-00002\.parquet$/))
    expect(lines).toContainEqual(expect.stringMatching(/ (\d+) of \1 that miner 3 made for task 5 are wrong$/))
    expect(lines.filter(line => / part-0000\d\.parquet +2 +\d+$/.test(line.replace('/data/', ' '))).map(line => line.slice(0, 5)))
      .toEqual(['1.1.0', '1.1.0', '1.0.0'])
    expect(lines).toContainEqual(expect.stringMatching(/ 1\.1\.0 → 2\.0\.0 {2}−\d+ rows, −2 row groups$/))
    const reads = lines.filter(line => line.includes(' 2 of 5 columns '))
    const [fetched = Infinity, whole = 0] = reads[0]?.replaceAll(',', '').match(/\d+(?= bytes of )|\d+$/g)?.map(Number) ?? []
    expect(fetched).toBeLessThan(whole)
    expect(reads[1]).toMatch(/, from the mirror$/)
    expect(lines).toContainEqual(expect.stringMatching(/ a row is proven with nobody there, .* of row, [\d,]{3,5} of proof$/))
    expect(lines.at(-2)).toMatch(/ with a bit of it flipped it is refused: ProofMismatchError$/)
    expect(lines.at(-1)).toMatch(/^all \d\d expectations held$/)
    await demo.leavesNothing()
  })

  it('is made of the documents that are named, with questions of the model that is', async () => {
    const server = createServer((_, response) => {
      response.end(JSON.stringify({ model: 'tiny', choices: [{ text: ' What is asked here?\n' }] }))
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const env = { INFERENCE_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
    await using demo = await Demo.start('grow-a-dataset', { files: ['SECURITY.md'], env })
    const lines = await demo.ended(0)
    server.close()
    expect(lines[0]).toMatch(/ a publisher gives SECURITY\.md to 3 miners$/)
    expect(lines.map(line => line.trim())).toContain('What is asked here?')
    expect(lines.at(-1)).toMatch(/^all \d\d expectations held$/)
  })

  it('begins with no document that is not there', async () => {
    await using demo = await Demo.start('grow-a-dataset', { files: ['missing-file'] })
    expect(await demo.ended(1)).toEqual([])
    expect(demo.errors).toEqual(['missing-file cannot be read (ENOENT): name files with text, or none for those of this project'])
    await demo.leavesNothing()
  })

  it('leaves no process and no file behind when it is interrupted', async () => {
    await using demo = await Demo.start('grow-a-dataset')
    await demo.interruptAfter('to 3 miners')
    await demo.leavesNothing()
  })
})
