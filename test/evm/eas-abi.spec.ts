import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { toEventSignature, toFunctionSignature } from 'viem'
import { expect, test } from 'vitest'
import { easAbi } from '../../src/evm/eas-abi.ts'
import type { Abi } from 'viem'

const path = import.meta.resolve('@ethereum-attestation-service/eas-contracts/artifacts/contracts/EAS.sol/EAS.json')
const { abi } = JSON.parse(readFileSync(fileURLToPath(path), 'utf8')) as { abi: Abi }
const signatures = (list: Abi): string[] => list.flatMap(item => {
  if (item.type === 'function') return [`${toFunctionSignature(item)} ${item.outputs.map(({ type }) => type).join()}`]
  return item.type === 'event' ? [`${toEventSignature(item)} ${item.inputs.filter(({ indexed }) => indexed).length}`] : []
})

test('is what EAS itself has', () => {
  expect(signatures(abi)).toEqual(expect.arrayContaining(signatures(easAbi)))
  expect(signatures(easAbi)).toHaveLength(4)
})
