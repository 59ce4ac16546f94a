import { readdir, readlink } from 'node:fs/promises'

/** Files that this process has open. What the runtime opens for itself, once, is not counted. */
export async function openFiles (): Promise<string[]> {
  const names = await readdir('/proc/self/fd')
  const targets = await Promise.all(names.map(name => readlink(`/proc/self/fd/${name}`).catch(() => '')))
  return targets.filter(target => target.startsWith('/') && !/^\/(dev|proc|sys)\/(?!shm)/.test(target)).sort()
}

/** Open descriptors of every kind. */
export async function openDescriptors (): Promise<number> {
  // One of them reads the directory.
  return (await readdir('/proc/self/fd')).length - 1
}
