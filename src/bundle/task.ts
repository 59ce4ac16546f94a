import { encodeCanonicalJson } from '../format/canonical-json.ts'
import { parseAddress, toHex } from '../format/hex.ts'
import { manifestVersion } from '../format/manifest.ts'
import { taskNonceLabel, taskNonceMessage } from '../format/nonce.ts'
import { BundleHandle } from './bundle-handle.ts'
import { encrypted } from './encrypted.ts'
import { filesBelow } from './files-below.ts'
import { readJson } from './read-json.ts'
import { checkReaders } from './readers.ts'
import type { HandleInit } from './bundle-handle.ts'
import type { BundleInit } from './publish.ts'
import type { Readers, TaskBundle } from '../interface/bundle.ts'
import type { TaskInit } from '../interface/data-node.ts'
import type { TaskManifest } from '../interface/manifest.ts'
import type { Identity } from '../interface/network.ts'
import type { AbortOptions, JsonValue } from '../interface/primitives.ts'

const promptPath = 'prompt.json'
const configPath = 'config.json'
const sessionPath = 'session.json'

/**
 * What a task bundle is made of: `prompt.json`, `config.json`, `session.json`, and the task's files below `inputs/`. When only
 * some may read it, its manifest has a nonce, so that the root of a guessable prompt cannot be guessed.
 *
 * @throws {@link InvalidArgumentError} when readers or the address of the queue are not of their form
 * @throws {@link InvalidManifestError} when prompt, config or metadata cannot be written as JSON
 */
export function taskBundleInit (
  task: TaskInit, readers: Readers, identity: Pick<Identity, 'deriveNonce'>
): BundleInit<TaskManifest> {
  const { chainId, queue, sessionId } = task.session
  const session = { chainId, queue: parseAddress(queue), sessionId }
  const checked = checkReaders(readers)
  return {
    files: [
      { name: promptPath, bytes: encodeCanonicalJson(task.prompt) },
      { name: configPath, bytes: encodeCanonicalJson(task.config ?? {}) },
      { name: sessionPath, bytes: encodeCanonicalJson(task.metadata ?? {}) },
      ...filesBelow('inputs', task.files)
    ],
    manifest: content => ({
      format: 'cortensor-bundle',
      version: manifestVersion,
      kind: 'task',
      session,
      ...(task.clientReference === undefined ? {} : { clientReference: task.clientReference }),
      ...(checked === 'anyone' ? {} : { nonce: toHex(identity.deriveNonce(taskNonceLabel, taskNonceMessage(session, content))) }),
      ...(task.encryption === undefined ? {} : { encryption: task.encryption })
    }),
    readers: checked,
    embargoed: false,
    held: true,
    session
  }
}

interface TaskJson {
  /** Undefined when it is encrypted. */
  prompt: JsonValue | undefined
  config: JsonValue
  session: JsonValue
}

/** A handle on a task bundle. What it gives without waiting was read when it was opened. */
export class TaskHandle extends BundleHandle<TaskManifest> implements TaskBundle {
  readonly config: JsonValue
  readonly session: JsonValue
  readonly #prompt: JsonValue | undefined

  constructor (init: HandleInit<TaskManifest>, { prompt, config, session }: TaskJson) {
    super(init)
    this.#prompt = prompt
    this.config = config
    this.session = session
  }

  get prompt (): JsonValue {
    if (this.#prompt === undefined) throw encrypted(this.urn, promptPath, this.manifest)
    return this.#prompt
  }
}

/** Reads what a task handle gives without waiting. An encrypted prompt is not read. */
export async function openTask (init: HandleInit<TaskManifest>, options: AbortOptions = {}): Promise<TaskHandle> {
  const { home: { reader }, root, manifest } = init
  const prompt = manifest.encryption === undefined ? await readJson(reader, root, promptPath, options) : undefined
  const config = await readJson(reader, root, configPath, options)
  const session = await readJson(reader, root, sessionPath, options)
  return new TaskHandle(init, { prompt, config, session })
}
