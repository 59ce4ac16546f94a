import { checkObject } from '../format/argument.ts'
import { toHex } from '../format/hex.ts'
import { manifestVersion } from '../format/manifest.ts'
import { taskNonceLabel, taskNonceMessage } from '../format/nonce.ts'
import { BundleHandle } from './bundle-handle.ts'
import { encrypted } from './encrypted.ts'
import { filesBelow } from './files-below.ts'
import { configPath, encodePayload, promptPath, sessionPath } from './payload.ts'
import { readJson } from './read-json.ts'
import { checkReaders } from './readers.ts'
import { parseSession } from './task-reference.ts'
import type { HandleInit, OpeningOptions } from './bundle-handle.ts'
import type { BundleInit } from './publish.ts'
import type { Readers, TaskBundle } from '../interface/bundle.ts'
import type { TaskInit } from '../interface/data-node.ts'
import type { TaskManifest } from '../interface/manifest.ts'
import type { Identity } from '../interface/network.ts'
import type { JsonValue } from '../interface/primitives.ts'

/**
 * What a task bundle is made of: `prompt.json`, `config.json`, `session.json`, and the task's files below `inputs/`. When only
 * some may read it, its manifest has a nonce, so that the root of a guessable prompt cannot be guessed.
 *
 * @throws {@link InvalidArgumentError} when readers, the session, config or metadata are not of their form
 * @throws {@link InvalidManifestError} when prompt, config or metadata cannot be written as JSON
 * @throws {@link LimitExceededError} when one of these is too large to be read when the bundle is opened
 */
export function taskBundleInit (
  task: TaskInit, readers: Readers, identity: Pick<Identity, 'deriveNonce'>
): BundleInit<TaskManifest> {
  checkObject(task, 'task')
  const session = parseSession(task.session, 'session')
  const checked = checkReaders(readers)
  const { prompt, config = {}, metadata = {}, encryption } = task
  checkObject(config, 'config')
  checkObject(metadata, 'metadata')
  return {
    files: [
      { name: promptPath, bytes: encodePayload('prompt', prompt, encryption === undefined) },
      { name: configPath, bytes: encodePayload('config', config) },
      { name: sessionPath, bytes: encodePayload('metadata', metadata) },
      ...filesBelow('inputs', task.files)
    ],
    manifest: content => ({
      format: 'cortensor-bundle',
      version: manifestVersion,
      kind: 'task',
      session,
      ...(task.clientReference === undefined ? {} : { clientReference: task.clientReference }),
      ...(checked === 'anyone' ? {} : { nonce: toHex(identity.deriveNonce(taskNonceLabel, taskNonceMessage(session, content))) }),
      ...(encryption === undefined ? {} : { encryption })
    }),
    readers: checked,
    embargoed: false,
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
export async function openTask (init: HandleInit<TaskManifest>, options: OpeningOptions = {}): Promise<TaskHandle> {
  const { home, root, manifest } = init
  const { reader = home.reader } = options
  const prompt = manifest.encryption === undefined ? await readJson(reader, root, promptPath, options) : undefined
  const config = await readJson(reader, root, configPath, options)
  const session = await readJson(reader, root, sessionPath, options)
  return new TaskHandle(init, { prompt, config, session })
}
