/**
 * What names a bundle.
 *
 * ```
 * reference = cid / ticket / path / urn                                        at most 4096 characters
 * cid       = CIDv1 in any multibase, or CIDv0                                 at most 128 characters
 * ticket    = "ipfs://" cid [ "/" ] [ "?" parameter *( "&" parameter ) ]       IPIP-504
 * parameter = "provider=" multiaddr, percent-encoded / anything else
 * path      = "/ipfs/" cid [ "/" ]
 * urn       = "urn:blob:v2:ipfs:" *( field ":" ) cid
 * ```
 *
 * The CID is that of a bundle's root: dag-pb, sha2-256, 32 bytes. Schemes, `urn:blob` and the storage system of a URN are
 * read in any case. What follows `#` in a ticket is ignored.
 *
 * Providers are hints. Values that do not start with `/`, cannot be decoded, or hold spaces or control characters are
 * ignored, and so is every one after the eighth: a reference from a stranger cannot start many dials.
 *
 * Written are only: the CID in lower-case base32; the URN without middle fields, 76 characters; the ticket, at most 8
 * providers and 2 KiB, with everything percent-encoded but unreserved characters, `/` and `:` (RFC 3986, section 3.4).
 */
import type { CID } from 'multiformats/cid'
import { ForeignReferenceError, InvalidArgumentError, InvalidReferenceError } from '../errors.ts'
import { referenceCharactersMax, ticketBytesMax, ticketProvidersMax } from '../limits.ts'
import type { Reference } from '../interface/primitives.ts'
import { parseCidText } from './cid-text.ts'
import { asRootCid } from './digest.ts'
import { quote } from './quote.ts'

/** A reference, read. */
export interface ParsedReference {
  cid: CID
  /** Multiaddrs of those who are said to have it; at most 8, unchecked. */
  providers: string[]
}

/**
 * Reads a reference of any form.
 *
 * @throws {@link ForeignReferenceError} when it names another storage system, such as `s3` or `https`
 * @throws {@link InvalidReferenceError} when it is anything else that does not name the root of a bundle
 */
export function parseReference (ref: Reference): ParsedReference {
  if (typeof ref !== 'string') {
    return { cid: asRootCid(ref), providers: [] }
  }
  if (ref.length > referenceCharactersMax) {
    throw new InvalidReferenceError(`${quote(ref)} is longer than the ${referenceCharactersMax} characters that a reference may have`,
      { limit: 'referenceCharactersMax', max: referenceCharactersMax, actual: ref.length })
  }
  if (/^urn:/i.test(ref)) {
    return { cid: parseUrn(ref), providers: [] }
  }
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/is.exec(ref) ?? []
  if (scheme !== undefined) {
    return parseUri(ref, scheme.toLowerCase(), rest)
  }
  if (ref.startsWith('/')) {
    return { cid: parsePath(ref), providers: [] }
  }
  return { cid: rootOf(ref, ref), providers: [] }
}

/**
 * The URN of a bundle, 76 characters: for string fields on chain.
 *
 * @throws {@link InvalidReferenceError} when the CID cannot be the root of a bundle
 */
export function formatUrn (cid: CID): string {
  return `urn:blob:v2:ipfs:${asRootCid(cid)}`
}

/**
 * The ticket of a bundle: for channels off chain. Providers go in as they come, each once, until there are 8; one that
 * would make the ticket longer than 2 KiB is left out.
 *
 * @param providers - multiaddrs
 * @throws {@link InvalidReferenceError} when the CID cannot be the root of a bundle
 * @throws {@link InvalidArgumentError} when a provider is not a multiaddr
 */
export function formatTicket (cid: CID, providers: readonly string[]): string {
  let ticket = `ipfs://${asRootCid(cid)}`
  let count = 0
  for (const provider of new Set(providers)) {
    if (!isHint(provider)) {
      throw new InvalidArgumentError(`The provider ${quote(provider)} is not a multiaddr`, { value: provider })
    }
    const longer = `${ticket}${count === 0 ? '?' : '&'}provider=${encodeHint(provider)}`
    if (count < ticketProvidersMax && longer.length <= ticketBytesMax) {
      ticket = longer
      count++
    }
  }
  return ticket
}

function parseUri (ref: string, scheme: string, rest: string): ParsedReference {
  if (scheme !== 'ipfs') {
    throw foreign(ref, scheme)
  }
  const [beforeFragment = ''] = rest.split('#', 1)
  const questionMark = beforeFragment.indexOf('?')
  const path = questionMark < 0 ? beforeFragment : beforeFragment.slice(0, questionMark)
  const query = questionMark < 0 ? '' : beforeFragment.slice(questionMark + 1)
  return { cid: rootOf(withoutSubPath(ref, path), ref), providers: parseProviders(query) }
}

function parseProviders (query: string): string[] {
  const hints = query.split('&')
    .filter((parameter) => parameter.startsWith('provider='))
    .map((parameter) => decodeHint(parameter.slice('provider='.length)))
    .filter((hint) => hint !== undefined)
  return [...new Set(hints)].slice(0, ticketProvidersMax)
}

function parsePath (ref: string): CID {
  const [, namespace = '', rest = ''] = /^\/([^/]*)\/(.*)$/s.exec(ref) ?? []
  if (namespace === 'ipns') {
    throw foreign(ref, namespace)
  }
  if (namespace !== 'ipfs') {
    throw new InvalidReferenceError(`${quote(ref)} is a path that does not start with /ipfs/`, { value: ref })
  }
  return rootOf(withoutSubPath(ref, rest), ref)
}

function parseUrn (ref: string): CID {
  const [, namespace = '', version = '', system = '', ...fields] = ref.split(':')
  const scheme = system.toLowerCase()
  const cid = fields.at(-1)
  if (namespace.toLowerCase() !== 'blob' || version !== 'v2' || cid === undefined || !/^[a-z0-9][a-z0-9+.-]*$/.test(scheme)) {
    throw new InvalidReferenceError(`${quote(ref)} is not a URN of the form urn:blob:v2:ipfs:<cid>`, { value: ref })
  }
  if (scheme !== 'ipfs') {
    throw foreign(ref, scheme)
  }
  return rootOf(cid, ref)
}

function withoutSubPath (ref: string, path: string): string {
  const slash = path.indexOf('/')
  if (slash >= 0 && slash < path.length - 1) {
    throw new InvalidReferenceError(
      `${quote(ref)} names something inside a bundle: refer to the bundle by its root, and give the path to the call that reads it`,
      { value: ref, path: path.slice(slash + 1) })
  }
  return slash < 0 ? path : path.slice(0, slash)
}

function rootOf (cidText: string, ref: string): CID {
  try {
    return asRootCid(parseCidText(cidText))
  } catch (error) {
    if (!(error instanceof InvalidReferenceError)) {
      throw error
    }
    throw new InvalidReferenceError(`${quote(ref)} does not name the root of a bundle: ${error.message}`, { ...error.details, cause: error, value: ref })
  }
}

function foreign (ref: string, scheme: string): ForeignReferenceError {
  return new ForeignReferenceError(`${quote(ref)} names something in "${scheme}", which this node cannot fetch from`, { scheme, value: ref })
}

function isHint (text: string): boolean {
  return /^\/[^\s\p{Cc}\p{Cs}]+$/u.test(text)
}

function encodeHint (multiaddr: string): string {
  return encodeURIComponent(multiaddr).replaceAll('%2F', '/').replaceAll('%3A', ':')
}

function decodeHint (text: string): string | undefined {
  try {
    const hint = decodeURIComponent(text)
    return isHint(hint) ? hint : undefined
  } catch {
    return undefined
  }
}
