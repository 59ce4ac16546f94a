import { trailRetryMs } from '../limits.ts'
import { isHeld } from '../store/holds.ts'
import type { ExpectedStatement, StatementLog } from '../interface/audit.ts'
import type { SignedStatement } from '../interface/bundle.ts'
import type { Store, StoredBundle } from '../interface/store.ts'

/** What a node signs while it publishes, on its way into the audit trail. */
export class OwnStatement {
  readonly #log: StatementLog | undefined
  #signed: (SignedStatement & { expected: ExpectedStatement }) | undefined

  constructor (log: StatementLog | undefined) {
    this.#log = log
  }

  /** Signs what is about to be stored. */
  async sign (sign: () => Promise<SignedStatement>): Promise<SignedStatement> {
    const [signed, expected] = await Promise.all([sign(), this.#log?.expect()])
    if (expected !== undefined) this.#signed = { ...signed, expected }
    return signed
  }

  /**
   * Hands on what was signed, when it is what is stored: somebody else may have stored the bundle in the meantime. A bundle that
   * nobody holds, at least for a while, is not kept from going: it is waited for until its statement is in the trail.
   */
  async settle (store: Pick<Store, 'keep'>, { root, holds, statements }: StoredBundle, now: number): Promise<void> {
    if (this.#signed === undefined) return
    const { statement: own, expected } = this.#signed
    this.#signed = undefined
    if (statements.some(({ statement }) => statement.signature === own.signature)) expected.stored(own, store.keep(root))
    else expected.dropped()
    if (!isHeld(holds, now + trailRetryMs)) await this.#log?.settleAtOnce()
  }
}
