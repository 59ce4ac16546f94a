import { expect, test } from 'vitest'
import { statedAccess, storedHome } from '../../src/bundle/bundle-home.ts'
import { publishBundle } from '../../src/bundle/publish.ts'
import { NotStoredError } from '../../src/errors.ts'
import { noteInit, testNode } from './fixtures.ts'

test('says what the record says now', async () => {
  const node = testNode(1)
  const { stored } = await publishBundle(node, noteInit([{ name: 'a', text: '1' }], { embargoed: true }))
  const home = storedHome(node, stored)
  expect(home.facts()).toMatchObject({ embargoed: true, access: 'anyone' })
  await home.update({ embargoed: false })
  expect(home.facts().embargoed).toBe(false)
})

test('keeps what it knew of a bundle that is gone, and changes nothing of it', async () => {
  const node = testNode(1)
  const { stored } = await publishBundle(node, noteInit([{ name: 'a', text: '1' }]))
  const home = storedHome(node, stored)
  node.store.bundles.clear()
  expect(home.facts().statements.length).toBe(1)
  await expect(home.update({ embargoed: false })).rejects.toThrow(NotStoredError)
})

test('takes the publisher\'s word for the access, and the readers\' where nobody signed', async () => {
  const node = testNode(1)
  const { stored } = await publishBundle(node, noteInit([{ name: 'a', text: '1' }], { readers: [] }))
  expect(statedAccess(stored.statements)).toBe('restricted')
  expect(statedAccess([])).toBeUndefined()
  const unsigned = await node.store.update(stored.root, { statements: [] })
  expect(storedHome(node, unsigned).facts().access).toBe('restricted')
  expect(storedHome(node, await node.store.update(stored.root, { readers: 'anyone' })).facts().access).toBe('anyone')
})

test('has nothing to complete, and holds what it is told to', async () => {
  const node = testNode(1)
  const { stored } = await publishBundle(node, noteInit([{ name: 'a', text: '1' }]))
  const home = storedHome(node, stored)
  await home.complete({})
  expect(node.store.record(stored.root)?.holds).toEqual(stored.holds)
  await home.complete({ hold: { owner: 'mirror' } })
  expect(node.store.record(stored.root)?.holds).toEqual([...stored.holds, { owner: 'mirror' }])
})
