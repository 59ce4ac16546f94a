/**
 * The part of the session queue contract (`SessionQueueV2`) that a task's way goes through, as its public ABI has it, for viem.
 * No argument of an event is indexed: no node can filter by session, task or miner.
 */
export const sessionQueueAbi = [
  {
    type: 'event',
    name: 'TaskQueued',
    inputs: [
      { name: 'sessionId', type: 'uint256', indexed: false },
      { name: 'taskId', type: 'uint256', indexed: false },
      { name: 'globalId', type: 'uint256', indexed: false },
      { name: 'taskData', type: 'string', indexed: false }
    ]
  },
  {
    type: 'event',
    name: 'TaskAssigned',
    inputs: [
      { name: 'sessionId', type: 'uint256', indexed: false },
      { name: 'taskId', type: 'uint256', indexed: false },
      { name: 'miners', type: 'address[]', indexed: false }
    ]
  },
  {
    type: 'event',
    name: 'TaskAcked',
    inputs: [
      { name: 'sessionId', type: 'uint256', indexed: false },
      { name: 'taskId', type: 'uint256', indexed: false },
      { name: 'miner', type: 'address', indexed: false }
    ]
  },
  {
    type: 'event',
    name: 'TaskPrecommitted',
    inputs: [
      { name: 'sessionId', type: 'uint256', indexed: false },
      { name: 'taskId', type: 'uint256', indexed: false },
      { name: 'miner', type: 'address', indexed: false }
    ]
  },
  {
    type: 'event',
    name: 'TaskAllPrecommitted',
    inputs: [
      { name: 'sessionId', type: 'uint256', indexed: false },
      { name: 'taskId', type: 'uint256', indexed: false },
      { name: 'miners', type: 'address[]', indexed: false }
    ]
  },
  {
    type: 'event',
    name: 'TaskPrecommitEnded',
    inputs: [
      { name: 'sessionId', type: 'uint256', indexed: false },
      { name: 'taskId', type: 'uint256', indexed: false }
    ]
  },
  {
    type: 'event',
    name: 'TaskCommitted',
    inputs: [
      { name: 'sessionId', type: 'uint256', indexed: false },
      { name: 'taskId', type: 'uint256', indexed: false },
      { name: 'miner', type: 'address', indexed: false }
    ]
  },
  {
    type: 'event',
    name: 'TaskAllCommitted',
    inputs: [
      { name: 'sessionId', type: 'uint256', indexed: false },
      { name: 'taskId', type: 'uint256', indexed: false },
      { name: 'miners', type: 'address[]', indexed: false }
    ]
  },
  {
    type: 'event',
    name: 'TaskCommitEnded',
    inputs: [
      { name: 'sessionId', type: 'uint256', indexed: false },
      { name: 'taskId', type: 'uint256', indexed: false }
    ]
  },
  {
    type: 'event',
    name: 'TaskEnded',
    inputs: [
      { name: 'sessionId', type: 'uint256', indexed: false },
      { name: 'taskId', type: 'uint256', indexed: false },
      { name: 'miners', type: 'address[]', indexed: false }
    ]
  },
  {
    type: 'function',
    name: 'ack',
    stateMutability: 'nonpayable',
    inputs: [{ name: 'sessionId', type: 'uint256' }, { name: 'taskId', type: 'uint256' }],
    outputs: []
  },
  {
    type: 'function',
    name: 'precommit',
    stateMutability: 'nonpayable',
    inputs: [
      { name: 'sessionId', type: 'uint256' },
      { name: 'taskId', type: 'uint256' },
      { name: 'hash', type: 'bytes32' },
      { name: 'data', type: 'string' }
    ],
    outputs: []
  },
  {
    type: 'function',
    name: 'commit',
    stateMutability: 'nonpayable',
    inputs: [{ name: 'sessionId', type: 'uint256' }, { name: 'taskId', type: 'uint256' }, { name: 'data', type: 'string' }],
    outputs: []
  },
  {
    type: 'function',
    name: 'getHash',
    stateMutability: 'pure',
    inputs: [{ name: 'str', type: 'string' }],
    outputs: [{ name: '', type: 'bytes32' }]
  },
  {
    type: 'function',
    name: 'getTaskCountBySessionId',
    stateMutability: 'view',
    inputs: [{ name: 'sessionId', type: 'uint256' }],
    outputs: [{ name: '', type: 'uint256' }]
  },
  {
    type: 'function',
    name: 'sessionTasks',
    stateMutability: 'view',
    inputs: [{ name: '', type: 'uint256' }, { name: '', type: 'uint256' }],
    outputs: [
      { name: 'id', type: 'uint256' },
      { name: 'gid', type: 'uint256' },
      { name: 'sessionId', type: 'uint256' },
      { name: 'data', type: 'string' },
      { name: 'ended', type: 'bool' },
      { name: 'status', type: 'uint8' },
      { name: 'createdAt', type: 'uint256' },
      { name: 'lastPrecommitAt', type: 'uint256' },
      { name: 'lastCommitAt', type: 'uint256' },
      { name: 'finishedAt', type: 'uint256' }
    ]
  },
  {
    type: 'function',
    name: 'getTaskResultsAndHashes',
    stateMutability: 'view',
    inputs: [{ name: 'sessionId', type: 'uint256' }, { name: 'taskId', type: 'uint256' }],
    outputs: [
      { name: 'miners', type: 'address[]' },
      { name: 'results', type: 'string[]' },
      { name: 'hashes', type: 'bytes32[]' }
    ]
  }
] as const
