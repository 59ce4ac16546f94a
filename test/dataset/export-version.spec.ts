import { expect, it } from 'vitest'
import { exportVersion } from '../../src/dataset/export-version.ts'
import type { DatasetBundle } from '../../src/interface/bundle.ts'

it('closes the other version whatever happens', async () => {
  let closed = 0
  const since = { close: async () => { await Promise.resolve(closed++) } } as unknown as DatasetBundle
  await expect(Array.fromAsync(exportVersion({} as DatasetBundle, since, {}))).rejects.toThrow(TypeError)
  expect(closed).toBe(1)
})
