import { auditProblems } from './audit/audit-problems.ts'
import { formatByteSize } from './format/byte-size.ts'
import { formatUrn } from './format/reference.ts'
import { delegationWarningMs, namedBundlesMax } from './limits.ts'
import { endOf, sayTime } from './network/own-delegation.ts'
import type { Anchoring } from './audit/anchoring.ts'
import type { AuditState } from './audit/audit-problems.ts'
import type { Components } from './components.ts'
import type { SignedDelegation } from './interface/delegation.ts'
import type { AnchorHealth } from './interface/anchor.ts'
import type { Health, Problem, RouterHealth } from './interface/health.ts'
import type { Store, StoreUsage } from './interface/store.ts'

/** What the state of a node is read from. */
export interface HealthComponents extends Pick<Components, 'clock' | 'identity' | 'network' | 'store'> {
  audit: AuditState & { anchoring?: Pick<Anchoring, 'health'> | undefined }
}

/** The state of a node, from memory: nothing is asked of disk or network. */
export function nodeHealth ({ audit, clock, identity, network, store }: HealthComponents): Health {
  const routers = network.routers()
  const { isFull, ...disk } = store.usage()
  const anchor = audit.anchoring?.health()
  const problems = [
    ...delegationProblem(identity.delegation, clock()),
    ...routers.flatMap(routerProblem),
    ...readersProblem(store),
    ...diskProblems(store.path, { isFull, ...disk }),
    ...auditProblems(audit),
    ...anchorProblem(anchor)
  ]
  return {
    ok: problems.every(({ severity }) => severity !== 'error'),
    problems,
    address: identity.address,
    peerId: identity.peerId,
    account: identity.account,
    listening: [...network.multiaddrs],
    routers,
    connections: network.connections,
    disk: { repository: store.path, ...disk },
    ...anchor && { anchor }
  }
}

/** Nobody but the wallet can make another one, and that takes people. */
function delegationProblem (signed: SignedDelegation | undefined, now: number): Problem[] {
  if (signed === undefined || endOf(signed) - delegationWarningMs > now) return []
  const { wallet, delegation: { node, until } } = signed
  const isOver = endOf(signed) <= now
  return [{
    code: isOver ? 'DELEGATION_OVER' : 'DELEGATION_ENDS',
    severity: isOver ? 'error' : 'warning',
    message: `this node ${isOver ? 'spoke' : 'speaks'} for ${wallet} until ${sayTime(until)}`,
    advice: `have the wallet sign another delegation for ${node}, and start the node with it`
  }]
}

function routerProblem ({ router, state, lastError, retryInMs }: RouterHealth): Problem[] {
  if (state === 'connected') return []
  return [{
    code: 'ROUTER_UNREACHABLE',
    severity: 'error',
    message: `router ${router} is not connected${lastError === undefined ? '' : `: ${lastError}`}`,
    advice: retryInMs === undefined
      ? 'it is being dialled; if this stays, check its address, its firewall and whether it runs'
      : `it is dialled again in ${Math.ceil(retryInMs / 1000)} s; check its address, its firewall and whether it runs`
  }]
}

function anchorProblem ({ anchor, size = 0, lastError, retryInMs = 0 }: Partial<AnchorHealth> = {}): Problem[] {
  if (lastError === undefined) return []
  return [{
    code: 'ANCHOR_BEHIND',
    severity: 'error',
    message: `the audit trail is anchored up to entry ${size} and no further: ${lastError}`,
    advice: `publishing goes on, and it is tried again in ${Math.ceil(retryInMs / 1000)} s; check the endpoints of ${String(anchor)} and what its account can pay`
  }]
}

/** A function that decided who may read does not outlive its process. */
function readersProblem (store: Pick<Store, 'records'>): Problem[] {
  const closed = [...store.records()].filter(({ readersLost }) => readersLost === true).map(({ root }) => formatUrn(root))
  if (closed.length === 0) return []
  const named = closed.slice(0, namedBundlesMax).join(', ')
  const more = closed.length > namedBundlesMax ? ` and ${closed.length - namedBundlesMax} more` : ''
  return [{
    code: 'READERS_LOST',
    severity: 'error',
    message: `nobody may read ${named}${more}: a function decided who may, and it ended with the process that gave it`,
    advice: 'open() each of them and call setReaders() on its handle, or publish it again'
  }]
}

/** What is gone when the machine or its container starts again. */
const transient: Readonly<Record<string, { what: string, advice: string }>> = {
  overlay: { what: 'the layer of a container', advice: 'mount a volume for home: what is in the layer is gone with the container' },
  tmpfs: { what: 'a file system in memory', advice: 'put home on a disk: what is in memory is gone when the machine stops' },
  ramfs: { what: 'a file system in memory', advice: 'put home on a disk: what is in memory is gone when the machine stops' }
}

function diskProblems (path: string, { isFull, used, limit, held, damagedBlocks, fileSystem }: StoreUsage): Problem[] {
  const problems: Problem[] = []
  if (isFull) {
    problems.push({
      code: 'STORAGE_FULL',
      severity: 'error',
      message: `the repository takes ${formatByteSize(used.bytes)} in ${used.files} files, and may take ${formatByteSize(limit.bytes)} in ${limit.files}`,
      advice: `nothing new is taken: release some of the ${formatByteSize(held.bytes)} that are held, or raise storage.quota`
    })
  }
  if (damagedBlocks > 0) {
    problems.push({
      code: 'BLOCKS_DAMAGED',
      severity: 'error',
      message: `${damagedBlocks} blocks in ${path} are not what their CIDs say`,
      advice: 'verify() names their bundles and fetches them again where somebody has them; check the drive'
    })
  }
  const kind = transient[fileSystem]
  if (kind !== undefined) {
    problems.push({ code: 'STORAGE_TRANSIENT', severity: 'warning', message: `${path} is on ${kind.what} (${fileSystem})`, advice: kind.advice })
  }
  return problems
}
