import { expect, test } from 'vitest'
import { expectKind } from '../../src/bundle/expect-kind.ts'
import type { Bundle } from '../../src/interface/bundle.ts'

function bundleOf (kind: string | undefined): { bundle: Bundle, closed: () => boolean } {
  let isClosed = false
  const close = async (): Promise<void> => { isClosed = true }
  const bundle = { urn: 'urn:x', manifest: kind === undefined ? undefined : { kind }, close } as unknown as Bundle
  return { bundle, closed: () => isClosed }
}

test('gives back a bundle of the kind, and leaves it open', async () => {
  const { bundle, closed } = bundleOf('task')
  expect(await expectKind(bundle, 'task')).toBe(bundle)
  expect(closed()).toBe(false)
})

test.for([
  ['task', 'urn:x is a task bundle, and a result bundle was expected'],
  [undefined, 'urn:x is not a bundle, and a result bundle was expected']
] as const)('refuses another kind, %s, and closes it', async ([kind, message]) => {
  const { bundle, closed } = bundleOf(kind)
  await expect(expectKind(bundle, 'result')).rejects.toMatchObject({ name: 'WrongKindError', message, details: { expected: 'result', actual: kind } })
  expect(closed()).toBe(true)
})
