import { expect, test } from 'vitest'
import { fastDirectory } from './directories.ts'
import { notTried, runMounted } from './mounted.ts'
import { seed } from './random.ts'
import type { Unsynced } from './unsynced-file-system.ts'

interface Cut {
  cut: number
  acknowledged: number
  lost?: string
}

test('loses nothing that it acknowledged in a power cut', async () => {
  const cuts = await cutPower(20, 'none')
  if (cuts === undefined) return
  expect(cuts.map(({ lost }) => lost).filter(lost => lost !== undefined)).toEqual([])
  expect(cuts).toHaveLength(20)
  expect(cuts.reduce((sum, { acknowledged }) => sum + acknowledged, 0)).toBeGreaterThan(20)
})

for (const unsynced of ['blocks', 'records'] as const) {
  test(`loses what it acknowledged when the ${unsynced} are not synced`, async () => {
    const cuts = await cutPower(5, unsynced)
    if (cuts === undefined) return
    const losses = cuts.flatMap(({ lost }) => lost ?? [])
    expect(losses.length).toBeGreaterThan(0)
    for (const lost of losses) expect(lost).toMatch(/what was acknowledged is listed|CorruptBlockError|is complete/)
  })
}

async function cutPower (count: number, unsynced: Unsynced): Promise<Cut[] | undefined> {
  const directory = await fastDirectory()
  const image = `${directory}/probe.img`
  const probe = `truncate -s 8M ${image} && mkfs.ext4 -q -F ${image} && mkdir -p ${directory}/probe` +
    ` && mount -o loop ${image} ${directory}/probe && umount ${directory}/probe`
  const result = await runMounted(probe, 'power-cuts.ts', [directory, String(count), unsynced, seed])
  if (result.ran) return result.lines.map(line => JSON.parse(line) as Cut)
  notTried('power cut', result.reason)
  return undefined
}
