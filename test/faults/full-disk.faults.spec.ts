import { expect, test } from 'vitest'
import { fastDirectory } from './directories.ts'
import { notTried, runMounted } from './mounted.ts'
import type { FullDiskLine } from './programs/full-disk.ts'

for (const [size, last, step] of [['tiny', 240, 8], ['small', 1024, 64], ['large', 4096, 256]] as const) {
  test(`refuses ${size} bundles when the disk is full, keeps the earlier ones, and works when there is space again`, async () => {
    const directory = await fastDirectory()
    const result = await runMounted(`mount -t tmpfs -o size=24m tmpfs ${directory}`, 'full-disk.ts', [directory, size, '0', String(last), String(step)])
    if (!result.ran) {
      notTried('full disk', result.reason)
      return
    }
    const lines = result.lines.map(line => JSON.parse(line) as FullDiskLine)
    expect(lines.filter(({ wrong }) => wrong !== undefined)).toEqual([])
    expect(lines).toHaveLength(last / step + 1)
    for (const { refused, leftKiB } of lines) {
      const isFull = refused?.name === 'StorageFullError' || refused?.code === 'ENOSPC' || /no space/i.test(refused?.message ?? '')
      expect(isFull, `${leftKiB} KiB left: ${JSON.stringify(refused)}`).toBe(true)
    }
  })
}
