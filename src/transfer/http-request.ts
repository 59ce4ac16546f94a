import { PeerUnreachableError, RefusedError, TimedOutError, UnavailableError } from '../errors.ts'
import { headerTimeoutMs, httpRedirectsMax } from '../limits.ts'
import { withDeadline } from './deadline.ts'
import type { CID } from 'multiformats/cid'

/** Gets something by HTTP; of the global `fetch`. */
export type HttpFetch = typeof globalThis.fetch

/** What to ask for. */
export interface HttpRequest {
  url: string
  accept: string
  /** Milliseconds for the first bytes of an answer; never more than `headerTimeoutMs`. */
  timeoutMs?: number
}

/** Is this the name of a provider that is asked by HTTP: a trustless gateway, or a CAR at some address? */
export function isHttpProvider (name: string): boolean {
  return /^https?:\/\//i.test(name)
}

/** Is this the address of one CAR, rather than of a gateway? */
export function isCarAddress (name: string): boolean {
  return URL.canParse(name) && new URL(name).pathname.endsWith('.car')
}

/** A whole DAG in depth-first order, each block once (https://specs.ipfs.tech/http-gateways/trustless-gateway/). */
export function carRequest (name: string, root: CID): HttpRequest {
  const accept = 'application/vnd.ipld.car; version=1; order=dfs; dups=n'
  if (isCarAddress(name)) return { url: name, accept: `${accept}, application/octet-stream` }
  return { url: gatewayUrl(name, root, { 'format': 'car', 'dag-scope': 'all', 'car-order': 'dfs', 'car-dups': 'n' }), accept }
}

/** One block. */
export function blockRequest (gateway: string, cid: CID): HttpRequest {
  return { url: gatewayUrl(gateway, cid, { format: 'raw' }), accept: 'application/vnd.ipld.raw' }
}

/**
 * Sends a GET request and follows a few redirects within its scheme.
 *
 * @throws {@link UnavailableError} it is not there; {@link RefusedError} the server does not give it
 * @throws {@link PeerUnreachableError} no server answered; {@link TimedOutError} none in time
 */
export async function httpGet (
  fetch: HttpFetch, { url, accept, timeoutMs = headerTimeoutMs }: HttpRequest, signal: AbortSignal
): Promise<Response> {
  const { host, protocol } = new URL(url)
  const patienceMs = Math.min(timeoutMs, headerTimeoutMs)
  const timedOut = (): Error => new TimedOutError(`${host} did not answer for ${patienceMs} ms`, { peer: host })
  return await withDeadline(patienceMs, signal, timedOut, async (own) => {
    // It must end the body as well, which is read after the deadline for the first bytes of it.
    const either = AbortSignal.any([own, signal])
    let at = url
    for (let redirects = 0; redirects <= httpRedirectsMax; redirects++) {
      const response = await get(fetch, at, { accept, host, signal: either })
      const location = response.status >= 300 && response.status < 400 ? response.headers.get('location') : null
      if (location === null) return checked(response, host)
      await response.body?.cancel()
      at = URL.canParse(location, at) ? new URL(location, at).href : ''
      if (!at.startsWith(`${protocol}//`)) throw redirected(host, `redirects to something that is not ${protocol}`)
    }
    throw redirected(host, `redirects more than ${httpRedirectsMax} times`)
  })
}

function gatewayUrl (gateway: string, cid: CID, query: Record<string, string>): string {
  const url = new URL(gateway)
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/ipfs/${cid.toString()}`
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value)
  return url.href
}

async function get (
  fetch: HttpFetch, url: string, { accept, host, signal }: { accept: string, host: string, signal: AbortSignal }
): Promise<Response> {
  try {
    return await fetch(url, { headers: { accept }, redirect: 'manual', signal })
  } catch (cause) {
    signal.throwIfAborted()
    throw new PeerUnreachableError(`${host} cannot be reached: ${messageOf(cause)}`, { peer: host, cause })
  }
}

async function checked (response: Response, host: string): Promise<Response> {
  const { status } = response
  if (status === 200) return response
  await response.body?.cancel()
  if (status === 404 || status === 410) {
    throw new UnavailableError(`${host} does not have it: ${status}`, { peer: host, status: 'not-available' })
  }
  const isBusy = status === 429 || status === 503
  throw new RefusedError(`${host} answered ${status}`, { peer: host, status: isBusy ? 'busy' : 'bad-request', httpStatus: status })
}

function redirected (host: string, what: string): RefusedError {
  return new RefusedError(`${host} ${what}`, { peer: host, status: 'bad-request' })
}

/** The reason stands below a message that says only that it failed. */
function messageOf (error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  return error.cause instanceof Error ? error.cause.message || error.cause.name : error.message
}
