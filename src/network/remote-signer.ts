import { SignerError } from '../errors.ts'
import { checkObject, invalidArgument } from '../format/argument.ts'
import { recoverAddress } from '../format/address.ts'
import { parseAddress } from '../format/hex.ts'
import { untilAborted } from '../format/until-aborted.ts'
import { signerTimeoutMs } from '../limits.ts'
import type { AbortOptions } from '../interface/primitives.ts'
import type { RemoteSigner } from '../interface/signer.ts'

/**
 * A signer whose answers are checked: it gives a signature of this digest by its address, in time, or an error.
 *
 * @throws {@link InvalidArgumentError} when it is no signer
 */
export function checkedSigner (signer: RemoteSigner, { timeoutMs = signerTimeoutMs }: { timeoutMs?: number } = {}): RemoteSigner {
  checkObject(signer, 'signer')
  if (typeof signer.sign !== 'function') throw invalidArgument('signer.sign', 'a function', signer.sign)
  const address = parseAddress(signer.address)
  return { address, sign: async (digest, options) => await signBy(signer, { digest, address, timeoutMs }, options) }
}

interface Signing {
  digest: Uint8Array
  address: RemoteSigner['address']
  timeoutMs: number
}

/**
 * @throws {@link SignerError} when it fails, gives something else, or takes too long
 * @throws the signal's reason
 */
async function signBy (
  signer: RemoteSigner, { digest, address, timeoutMs }: Signing, { signal: asked }: AbortOptions
): Promise<Uint8Array> {
  const deadline = AbortSignal.timeout(timeoutMs)
  const signal = asked === undefined ? deadline : AbortSignal.any([asked, deadline])
  asked?.throwIfAborted()
  try {
    const signature = await untilAborted(Promise.resolve(signer.sign(Uint8Array.from(digest), { signal })), signal)
    const actual = recoverAddress(digest, signature)
    if (actual === address) return Uint8Array.from(signature)
    throw new SignerError(`The remote signer of ${address} gave the signature of ${actual}, or one of another digest`, { address, actual })
  } catch (cause) {
    asked?.throwIfAborted()
    if (cause instanceof SignerError) throw cause
    const reason = deadline.aborted ? `did not answer within ${timeoutMs} ms` : `failed: ${cause instanceof Error ? cause.message : String(cause)}`
    throw new SignerError(`The remote signer of ${address} ${reason}. Nothing was published; try again`, { address, cause })
  }
}
