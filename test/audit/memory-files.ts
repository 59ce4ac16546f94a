import { DirectoryFiles } from '../../src/store/directory-files.ts'
import { MemoryFileSystem } from '../../src/store/memory-file-system.ts'
import { RepositoryPaths } from '../../src/store/paths.ts'
import { RunningWork } from '../../src/store/running-work.ts'
import type { FileSystem } from '../../src/store/file-system.ts'
import type { DurableFiles } from '../../src/interface/store.ts'

export const paths: RepositoryPaths = new RepositoryPaths('/repository')

/** Files of an audit trail on some file system. */
export function auditFiles (fileSystem: FileSystem): DurableFiles {
  return new DirectoryFiles({ fileSystem, paths, directory: paths.audit, running: new RunningWork() })
}

/** The same in memory. */
export function memoryFiles (): DurableFiles {
  const fileSystem = new MemoryFileSystem()
  void fileSystem.makeDirectory(paths.temp)
  return auditFiles(fileSystem)
}
