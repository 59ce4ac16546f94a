import { invalidArgument } from '../format/argument.ts'
import type { TaskBundle } from '../interface/bundle.ts'

/**
 * Checks that a host gave the handle of a task, of whichever node it is.
 *
 * @throws {@link InvalidArgumentError} when it gave something else, such as a reference
 */
export function checkTask (task: unknown): asserts task is TaskBundle {
  const { manifest } = Object(task) as { manifest?: unknown }
  const { kind } = Object(manifest) as { kind?: unknown }
  if (kind === 'task') return
  throw invalidArgument('task', 'the handle of a task bundle, as publishTaskBundle and fetchTaskBundle give it', task)
}
