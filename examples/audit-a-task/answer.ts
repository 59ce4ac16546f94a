// The work of a miner: a model in real life, an extractive summary of the documents here.
import { infer } from '../support/infer.ts'
import type { ResultInit, TaskBundle } from 'cortensor-datanode'

/** Computes the answer to a task. */
export async function answer (task: TaskBundle): Promise<Omit<ResultInit, 'task' | 'taskId'>> {
  const documents: Uint8Array[] = []
  for await (const { type, path } of task.files('inputs')) if (type === 'file') documents.push(await task.bytes(path))
  const { text, model } = await infer(task.prompt as string, documents)
  return { output: { text }, model, files: [{ name: 'summary.txt', text }] }
}
