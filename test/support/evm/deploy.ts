import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Abi, Address } from 'viem'
import type { Anvil } from './anvil.ts'
import type { Contract } from './compile.ts'

/** A contract that is on chain. */
export interface Deployed {
  address: Address
  abi: Abi
  /** What its creation cost. */
  gasUsed: bigint
}

/** Deploys a contract from the node's first account. */
export async function deploy ({ client }: Pick<Anvil, 'client'>, { abi, bytecode }: Contract, args: readonly unknown[] = []): Promise<Deployed> {
  const hash = await client.deployContract({ abi, bytecode, args })
  const { contractAddress, gasUsed, status } = await client.waitForTransactionReceipt({ hash })
  if (status !== 'success' || contractAddress == null) throw new Error(`The contract was not created: ${status}`)
  return { address: contractAddress, abi, gasUsed }
}

/** Deploys EAS, with the registry of schemas that it asks for, from what its own package was compiled to. */
export async function deployEas (anvil: Pick<Anvil, 'client'>): Promise<{ eas: Deployed, schemaRegistry: Deployed }> {
  const schemaRegistry = await deploy(anvil, await artifact('SchemaRegistry'))
  return { schemaRegistry, eas: await deploy(anvil, await artifact('EAS'), [schemaRegistry.address]) }
}

async function artifact (name: string): Promise<Contract> {
  const path = import.meta.resolve(`@ethereum-attestation-service/eas-contracts/artifacts/contracts/${name}.sol/${name}.json`)
  return JSON.parse(await readFile(fileURLToPath(path), 'utf8')) as Contract
}
