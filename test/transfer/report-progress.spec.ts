import { expect, test } from 'vitest'
import { reportProgress } from '../../src/transfer/report-progress.ts'
import type { DataNodeProgress } from '../../src/interface/progress.ts'

const event: DataNodeProgress = { type: 'datanode:save:file', detail: { path: 'a', bytes: 1 } }

test('hands the event over, and ignores what the host throws', () => {
  const events: DataNodeProgress[] = []
  reportProgress({ onProgress: event => {
    events.push(event)
    throw new Error('of the host')
  } }, event)
  reportProgress({}, event)
  expect(events).toEqual([event])
})

test('ignores what an asynchronous listener rejects with', async () => {
  const shown = Promise.reject(new Error('of the host'))
  reportProgress({ onProgress: () => shown }, event)
  await expect(shown).rejects.toThrow('of the host')
})
