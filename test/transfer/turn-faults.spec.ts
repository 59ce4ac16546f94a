import { expect, it } from 'vitest'
import { CorruptTransferError, PeerUnreachableError } from '../../src/errors.ts'
import { TurnFaults } from '../../src/transfer/turn-faults.ts'
import { leaf } from '../format/dags.ts'

const { cid: root } = leaf('root')
const peer = { peerId: 'peer', address: '0xabc' }

it('names the provider by its address, where it is known, and says of which root it is', () => {
  const cause = new TypeError('not a number')
  const named = new TurnFaults(peer as never, root)
  const unnamed = new TurnFaults({ peerId: 'peer' } as never, root)
  const details = { peer: 'peer', root: root.toString() }
  expect([named.name, unnamed.name]).toEqual(['0xabc', 'peer'])
  expect(named.corrupt('sent nothing')).toBeInstanceOf(CorruptTransferError)
  expect(named.unreadable(cause)).toMatchObject({ message: '0xabc sent what cannot be read: not a number', cause, details })
  expect(unnamed.lost('is gone', cause)).toBeInstanceOf(PeerUnreachableError)
  expect(unnamed.lost('is gone', cause)).toMatchObject({ message: 'peer is gone', cause, details })
})
