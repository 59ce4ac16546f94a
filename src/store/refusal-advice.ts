const advice: ReadonlyMap<string, string> = new Map(Object.entries({
  EACCES: 'give this user the right to it, or use another directory',
  EDQUOT: 'this user\'s share of the disk is used up: free some of it, or use another disk',
  EEXIST: 'something else has this name: remove it, or use another path',
  EIO: 'the drive fails: look into the log of the system',
  EMFILE: 'this process has as many files open as it may: raise the limit (ulimit -n)',
  ENFILE: 'the system has as many files open as it may: raise its limit (fs.file-max)',
  ENOENT: 'a directory that it needs is missing or takes nothing new: see whether its disk is mounted',
  ENOSPC: 'the disk is full: free some of it, or use another disk',
  ENOTDIR: 'a part of the path is a file: remove that, or use another path',
  EPERM: 'the system does not allow it there: use another directory',
  EROFS: 'it is mounted read-only: mount it writable, or use another directory'
}))

/** What to do when the system refuses with this code, in half a sentence; nothing where the code says it all. */
export function refusalAdvice (code: string): string {
  const known = advice.get(code)
  return known === undefined ? '' : `; ${known}`
}
