import { InvalidArgumentError, WrongDelegationError } from '../errors.ts'
import { checkObject, checkOptional, invalidArgument } from '../format/argument.ts'
import { toHex } from '../format/hex.ts'
import { manifestVersion } from '../format/manifest.ts'
import { resultNonceLabel, resultNonceMessage } from '../format/nonce.ts'
import { parseReference } from '../format/reference.ts'
import { parseUint256 } from '../format/uint256.ts'
import { confirmTimeoutMsDefault } from '../limits.ts'
import { endOf, sayTime } from '../network/own-delegation.ts'
import { BundleHandle } from './bundle-handle.ts'
import { checkTask } from './check-task.ts'
import { checkConfirm, checkRouters } from './confirm-options.ts'
import { encrypted } from './encrypted.ts'
import { filesBelow } from './files-below.ts'
import { encodePayload, outputPath } from './payload.ts'
import { readJson } from './read-json.ts'
import { claimTask } from './task-claims.ts'
import { taskReference } from './task-reference.ts'
import type { HandleComponents, HandleInit, OpeningOptions } from './bundle-handle.ts'
import type { BundleInit } from './publish.ts'
import type { Readers, ResultBundle, TaskBundle } from '../interface/bundle.ts'
import type { PublishResultOptions, ResultInit } from '../interface/data-node.ts'
import type { ResultManifest } from '../interface/manifest.ts'
import type { Identity } from '../interface/network.ts'
import type { ConfirmOptions, RevealOptions } from '../interface/offer.ts'
import type { Address, JsonValue } from '../interface/primitives.ts'
import type { Store } from '../interface/store.ts'
import type { TaskReference } from '../interface/task.ts'

/** What making a result needs from the node. */
export interface ResultComponents {
  identity: Pick<Identity, 'account' | 'address' | 'delegation' | 'deriveNonce' | 'signer'>
  store: Store
  /** Milliseconds since 1970. */
  clock: () => number
}

/** What of the options is about the bundle itself. */
export type ResultOptions = Pick<PublishResultOptions, 'reveal' | 'readers' | 'supersede'>

/**
 * What a result bundle is made of: `output.json`, the result's files below `outputs/` and `logs/`, and a manifest whose
 * nonce hides an answer that could be guessed and is the same when the same result is published again.
 *
 * Publishing it throws an {@link AlreadyAnsweredError} when this node published a different result for the task, unless
 * `supersede`.
 *
 * @throws {@link InvalidArgumentError} when `task` is no handle, `taskId` no uint256, or `reveal` none of `'now'`,
 *   `'later'` and a time
 * @throws {@link WrongDelegationError} when the delegation by which this node speaks for a wallet is over
 * @throws {@link InvalidManifestError} when the output cannot be written as JSON
 * @throws {@link LimitExceededError} when the output is too large to be read when the bundle is opened
 */
export function resultBundleInit (
  result: ResultInit, options: ResultOptions, { identity, store, clock }: ResultComponents
): BundleInit<ResultManifest> {
  checkObject(result, 'result')
  checkTask(result.task)
  const { reveal, readers = defaultReaders(result.task), supersede = false } = options
  checkSpeaks(identity, clock())
  const embargo = embargoOf(reveal, clock())
  checkOptional(supersede, 'supersede', 'boolean')
  const task = taskReference(result.task.manifest.session, parseUint256(result.taskId, 'taskId'))
  const answers = result.task.cid
  return {
    files: [
      { name: outputPath, bytes: encodePayload('output', result.output, result.encryption === undefined) },
      ...filesBelow('outputs', result.files),
      ...filesBelow('logs', result.logs)
    ],
    manifest: content => ({
      format: 'cortensor-bundle',
      version: manifestVersion,
      kind: 'result',
      answers: answers.toString(),
      task,
      miner: identity.account,
      nonce: toHex(identity.deriveNonce(resultNonceLabel, resultNonceMessage(task, answers, content))),
      ...(result.model === undefined ? {} : { model: result.model }),
      ...(result.encryption === undefined ? {} : { encryption: result.encryption })
    }),
    readers,
    ...embargo,
    answers,
    task,
    ...(supersede ? {} : { claim: root => claimTask(store, identity.account, task, root) })
  }
}

/** A handle on a result bundle. What it gives without waiting was read when it was opened. */
export class ResultHandle extends BundleHandle<ResultManifest> implements ResultBundle {
  readonly #components: HandleComponents
  readonly #output: JsonValue | undefined

  constructor (init: HandleInit<ResultManifest>, output: JsonValue | undefined) {
    super(init)
    this.#components = init.components
    this.#output = output
  }

  get output (): JsonValue {
    if (this.#output === undefined) throw encrypted(this.urn, outputPath, this.manifest)
    return this.#output
  }

  get task (): TaskReference {
    return this.manifest.task
  }

  get miner (): Address {
    return this.manifest.miner
  }

  get revealed (): boolean {
    return !this.home.facts().embargoed
  }

  async reveal (options: RevealOptions = {}): Promise<void> {
    this.signal(options)
    checkConfirm(options, this.#components.network)
    await this.home.update({ embargoed: false, revealAt: undefined })
    if (options.confirm !== undefined) await this.confirm(options.confirm, options)
  }

  async confirm (routers: number, options: ConfirmOptions = {}): Promise<readonly Address[]> {
    const signal = this.signal(options)
    const { network, store, transfer } = this.#components
    const { confirmTimeoutMs: timeoutMs = confirmTimeoutMsDefault } = options
    checkRouters(routers, 'routers', network)
    checkConfirm(options, network)
    if (!this.revealed) throw new InvalidArgumentError(`${this.urn} is not revealed, so that nobody may fetch it: call reveal() first`)
    const { readers = [] } = store.record(this.cid) ?? {}
    const answers = parseReference(this.manifest.answers).cid
    return await transfer.confirm({ root: this.cid, answers }, { routers, readers, timeoutMs, signal })
  }
}

/** Reads what a result handle gives without waiting. An encrypted output is not read. */
export async function openResult (init: HandleInit<ResultManifest>, options: OpeningOptions = {}): Promise<ResultHandle> {
  const { home, root, manifest } = init
  const { reader = home.reader } = options
  const output = manifest.encryption === undefined ? await readJson(reader, root, outputPath, options) : undefined
  return new ResultHandle(init, output)
}

/** What it states would not count as the miner's that the result names. */
function checkSpeaks ({ address, signer, delegation }: ResultComponents['identity'], now: number): void {
  if (delegation === undefined || signer !== address || endOf(delegation) > now) return
  const { wallet, delegation: { until } } = delegation
  throw new WrongDelegationError(
    `The delegation of ${wallet} to this node is over since ${sayTime(until)}: start the node with another one that the wallet signed`,
    { wallet, node: address, until })
}

/** What is revealed at a time that is over is revealed now. */
function embargoOf (reveal: unknown, now: number): Pick<BundleInit, 'embargoed' | 'revealAt'> {
  if (reveal === 'now' || reveal === 'later') return { embargoed: reveal === 'later' }
  const revealAt = reveal instanceof Date ? reveal.getTime() : NaN
  if (Number.isNaN(revealAt)) throw invalidArgument('reveal', "'now', 'later' or a Date", reveal)
  return revealAt > now ? { embargoed: true, revealAt } : { embargoed: false }
}

/** Whoever may read the task may read its answers; of a restricted task only its publisher. */
function defaultReaders ({ access, statements }: TaskBundle): Readers {
  return access === 'anyone' ? 'anyone' : [...new Set(statements.map(({ signer }) => signer))]
}
