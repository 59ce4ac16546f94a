import type { Components } from './components.ts'
import type { Health, Problem, RouterHealth } from './interface/health.ts'

/** The state of a node, from memory: nothing is asked of disk or network. */
export function nodeHealth ({ identity, network, store }: Pick<Components, 'identity' | 'network' | 'store'>): Health {
  const routers = network.routers()
  const problems = routers.flatMap(routerProblem)
  return {
    ok: problems.length === 0,
    problems,
    address: identity.address,
    peerId: identity.peerId,
    listening: [...network.multiaddrs],
    routers,
    connections: network.connections,
    disk: { repository: store.path, bundles: [...store.records()].length, ...store.usage() }
  }
}

function routerProblem ({ router, state, lastError, retryInMs }: RouterHealth): Problem[] {
  if (state === 'connected') return []
  return [{
    code: 'ROUTER_UNREACHABLE',
    message: `router ${router} is not connected${lastError === undefined ? '' : `: ${lastError}`}`,
    advice: retryInMs === undefined
      ? 'it is being dialled; if this stays, check its address, its firewall and whether it runs'
      : `it is dialled again in ${Math.ceil(retryInMs / 1000)} s; check its address, its firewall and whether it runs`
  }]
}
