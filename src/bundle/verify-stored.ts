import { CID } from 'multiformats/cid'
import { healBundle } from './heal.ts'
import type { HealComponents } from './heal.ts'
import type { VerifyBlocksOptions, VerifyReport } from '../interface/verify.ts'

/**
 * Reads and hashes every block of a stored bundle, or of all, and brings what is damaged from other nodes. What nobody has stays
 * damaged, and is reported as that.
 *
 * @throws {@link NotStoredError} when the root is not stored
 */
export async function verifyStored (
  components: HealComponents, root: CID | undefined, options: VerifyBlocksOptions = {}
): Promise<VerifyReport> {
  const { store } = components
  const report = await store.verify(root, options)
  for (const bundle of new Set(report.damaged.flatMap(({ bundles }) => bundles))) {
    await heal(components, CID.parse(bundle), options)
  }
  const isWhole = (bundle: string): boolean => !store.isDamaged(CID.parse(bundle))
  return { ...report, damaged: report.damaged.map(block => ({ ...block, healed: block.bundles.every(isWhole) })) }
}

/** A bundle that went in the meantime, or that nobody has, is no reason to leave the others as they are. */
async function heal (components: HealComponents, root: CID, { signal }: VerifyBlocksOptions): Promise<void> {
  try {
    await healBundle(components, root, { signal })
  } catch (error) {
    signal?.throwIfAborted()
    components.log?.(`bundle ${root.toString()} stays damaged: ${error instanceof Error ? error.message : String(error)}`)
  }
}
