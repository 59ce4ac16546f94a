/** The part of EAS's contract (Ethereum Attestation Service) that keeps the times of 32 bytes, for viem. */
export const easAbi = [
  { type: 'event', name: 'Timestamped', inputs: [{ name: 'data', type: 'bytes32', indexed: true }, { name: 'timestamp', type: 'uint64', indexed: true }] },
  {
    type: 'function',
    name: 'timestamp',
    stateMutability: 'nonpayable',
    inputs: [{ name: 'data', type: 'bytes32' }],
    outputs: [{ name: '', type: 'uint64' }]
  },
  {
    type: 'function',
    name: 'multiTimestamp',
    stateMutability: 'nonpayable',
    inputs: [{ name: 'data', type: 'bytes32[]' }],
    outputs: [{ name: '', type: 'uint64' }]
  },
  {
    type: 'function',
    name: 'getTimestamp',
    stateMutability: 'view',
    inputs: [{ name: 'data', type: 'bytes32' }],
    outputs: [{ name: '', type: 'uint64' }]
  }
] as const
