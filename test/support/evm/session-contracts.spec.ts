import { keccak256, toHex } from 'viem'
import { expect, test } from 'vitest'
import { startAnvil } from './anvil.ts'
import { deploySession } from './session-contracts.ts'

const urn = 'urn:blob:v2:ipfs:bafybeigdyrzt5sfp7udm7hu76uh7y26nf3efuylqabf3oclgtqy55fbzdi'

test('a commit is taken only when its hash is that of the precommit, and the last one ends the task', async () => {
  await using anvil = await startAnvil()
  const contracts = await deploySession(anvil)
  const [, first, second, stranger] = anvil.accounts
  const sessionId = await contracts.createSession([first!.address, second!.address])
  const taskId = await contracts.submit(sessionId, urn)
  const hash = await contracts.hashOf(urn)
  expect(hash).toBe(keccak256(toHex(urn)))

  await expect(contracts.act(stranger!, 'precommit', sessionId, taskId, hash, '')).rejects.toThrow('NotAssigned')
  await contracts.act(first!, 'precommit', sessionId, taskId, hash, '')
  await expect(contracts.act(first!, 'commit', sessionId, taskId, urn)).rejects.toThrow('WrongPhase')
  await contracts.act(second!, 'precommit', sessionId, taskId, hash, '')
  await expect(contracts.act(first!, 'commit', sessionId, taskId, `${urn}#`)).rejects.toThrow('HashMismatch')
  await contracts.act(first!, 'commit', sessionId, taskId, urn)
  await contracts.act(second!, 'commit', sessionId, taskId, urn)

  const { address, abi } = contracts.queue
  const [miners, results, hashes] = await anvil.client.readContract({
    address, abi, functionName: 'getTaskResultsAndHashes', args: [sessionId, taskId]
  }) as [string[], string[], string[]]
  expect({ miners, results, hashes }).toEqual({ miners: [first!.address, second!.address], results: [urn, urn], hashes: [hash, hash] })
  const events = await anvil.client.getContractEvents({ address, abi, fromBlock: 0n })
  expect(events.map(({ eventName }) => eventName)).toEqual(['TaskQueued', 'TaskAssigned', 'TaskPrecommitted', 'TaskPrecommitted',
    'TaskAllPrecommitted', 'TaskPrecommitEnded', 'TaskCommitted', 'TaskCommitted', 'TaskAllCommitted', 'TaskCommitEnded', 'TaskEnded'])
})
