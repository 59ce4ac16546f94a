/**
 * The few calls that the store makes of a file system. One narrow port, so that faults can be put between the store and
 * the disk, and the order of calls can be seen.
 *
 * Every call rejects with `StorageError` when the system refuses; its details have `path`, `operation` and the system's
 * own `code`. A file that is not there is told apart from every other reason: only there is `undefined` returned.
 */

/** What a path is, and how large. */
export interface FileStat {
  type: 'file' | 'directory' | 'other'
  bytes: number
}

/** A part of a file. */
export interface FileRange {
  offset: number
  length: number
  /** Bytes that should be there: the file is not measured first, and reading ends when they have come, perhaps with some more. */
  expected?: number
}

/** How a new file is written. */
export interface WriteFileOptions {
  /** Resolve only after the bytes have reached the drive. */
  sync: boolean
  /** May use the last bytes of the quota: what is needed to free others. */
  essential?: boolean
}

/** The file system that a path is on, and what there is of it. */
export interface FileSystemSpace {
  /** Such as `ext4`, `overlay`, `tmpfs` or `nfs`; `memory` for one that is none, `other` where it is not known. */
  type: string
  bytesTotal: number
  /** What this user may still write. */
  bytesFree: number
  /** Files that it may have and may still get; both 0 where it has no number of them. */
  filesTotal: number
  filesFree: number
}

/** Files and directories, as far as the store needs them. */
export interface FileSystem {
  /** The one name of a place that exists, with every link followed. */
  realPath(path: string): Promise<string>
  /** Makes a directory and those above it, which only this user may enter; one that exists is left as it is. */
  makeDirectory(path: string): Promise<void>
  /** Writes a file that must not exist yet. When it rejects, a part of the file may be left. */
  writeFile(path: string, chunks: readonly Uint8Array[], options: WriteFileOptions): Promise<void>
  /** Reads a file, or as much of the range as there is; undefined when the file does not exist. */
  readFile(path: string, range?: FileRange): Promise<Uint8Array<ArrayBuffer> | undefined>
  /** Gives a file or directory another name in one step. A file takes the place of a file that had that name. */
  rename(from: string, to: string): Promise<void>
  /** Removes a file or an empty directory; what does not exist is left at that. */
  remove(path: string): Promise<void>
  /** Names in a directory, in no order; none when it does not exist. */
  list(path: string): Promise<string[]>
  /** Undefined when nothing is there. */
  stat(path: string): Promise<FileStat | undefined>
  /** Resolves when the names in a directory have reached the drive. */
  syncDirectory(path: string): Promise<void>
  /** What there is of the file system that a path is on. */
  space(path: string): Promise<FileSystemSpace>
  /** Resolves when no file is open any more that was read. Never rejects. */
  settled(): Promise<void>
}
