import { describe, expect, it } from 'vitest'
import { EvidenceCar } from '../../src/audit/evidence-car.ts'
import { cidOfBlock } from '../../src/bundle/dag-pb-block.ts'
import { encodeCarHeader, encodeCarSectionHead } from '../../src/format/car-sections.ts'

const blocks = ['one', 'two', 'three'].map(text => new TextEncoder().encode(text))
const cids = blocks.map((bytes, at) => cidOfBlock(at === 0 ? 0x70 : 0x55, bytes))
const file = Buffer.concat([encodeCarHeader(cids[0]!), ...blocks.flatMap((bytes, at) => [encodeCarSectionHead(cids[at]!, bytes.length), bytes])])

async function readAll (bytes: Uint8Array, wanted = cids): Promise<EvidenceCar> {
  const car = new EvidenceCar(bytes)
  expect((await car.root()).equals(cids[0]!)).toBe(true)
  for (const [at, cid] of wanted.entries()) expect(await car.next(cid, `path${at}`)).toEqual(Buffer.from(blocks[cids.indexOf(cid)]!))
  await car.end()
  return car
}

describe('EvidenceCar', () => {
  it('gives the blocks that are asked for, in the order in which they stand', async () => {
    expect(await readAll(file)).toMatchObject({ blocks: 3, bytes: file.length })
  })

  it('refuses another order, one too many, and one too few', async () => {
    await expect(readAll(file, [cids[0]!, cids[2]!, cids[1]!])).rejects.toMatchObject({ name: 'InvalidEvidenceError', details: { path: 'path1' } })
    await expect(readAll(file, cids.slice(0, 2))).rejects.toMatchObject({ details: { claim: 'file' } })
    await expect(readAll(file, [...cids, cids[0]!])).rejects.toMatchObject({ message: expect.stringMatching(/the file ends before/) as string })
  })

  it('refuses a header in another form, with another version or with two roots', async () => {
    const header = encodeCarHeader(cids[0]!)
    // The same map, its length written in two bytes.
    const longer = Buffer.concat([Uint8Array.of(header.length), Uint8Array.of(0xb8, 0x02), header.subarray(2), file.subarray(header.length)])
    await expect(new EvidenceCar(longer).root()).rejects.toMatchObject({ details: { claim: 'file' } })
    await expect(new EvidenceCar(new Uint8Array()).root()).rejects.toMatchObject({ message: 'The file is empty, or ends inside its header' })
  })

  it('lets its source go', async () => {
    let returned = false
    const source = { [Symbol.asyncIterator]: () => ({
      next: async () => ({ done: false as const, value: file }),
      return: async () => { returned = true; return { done: true as const, value: undefined } }
    }) }
    const car = new EvidenceCar(source)
    await car.root()
    car.close()
    expect(returned).toBe(true)
  })
})
