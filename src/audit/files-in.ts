import type { DurableFiles } from '../interface/store.ts'

/** The files below one directory of others. */
export function filesIn (files: DurableFiles, directory: string): DurableFiles {
  const at = (path: string): string => path === '' ? directory : `${directory}/${path}`
  return {
    read: async (path, bytesMax) => await files.read(at(path), bytesMax),
    list: async path => await files.list(at(path)),
    place: async placed => { await files.place(placed.map(({ path, bytes }) => ({ path: at(path), bytes }))) },
    remove: async path => { await files.remove(at(path)) }
  }
}
