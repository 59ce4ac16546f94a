import type { MinerRecord, TaskReader, TaskRecord } from '../../src/interface/chain.ts'
import type { NetworkSession } from '../../src/interface/task.ts'

/** A chain that has these tasks, and then fails when it has an error. */
export function chainOf (tasks: readonly TaskRecord[], error?: Error): TaskReader {
  return {
    readTask: async () => await Promise.reject(new Error('Sessions are read as a whole')),
    readTasks: async function * () {
      for (const task of tasks) yield await Promise.resolve(task)
      if (error !== undefined) throw error
    }
  }
}

/** A task that has ended, unless it is said otherwise. */
export function taskOf (session: NetworkSession, taskId: string, data: string, miners: readonly MinerRecord[], ended = true): TaskRecord {
  return { task: { ...session, taskId }, data, createdAt: '1790000000', ...ended ? { finishedAt: '1790000400' } : {}, ended, miners: [...miners] }
}
