/** What LevelDB passes on of what a system says, and the code that the system gave. */
const reasons: readonly (readonly [text: string, code: string])[] = [
  ['Read-only file system', 'EROFS'], ['No space left on device', 'ENOSPC'], ['Permission denied', 'EACCES'],
  ['Operation not permitted', 'EPERM'], ['Too many open files in system', 'ENFILE'], ['Too many open files', 'EMFILE'],
  ['Disk quota exceeded', 'EDQUOT'], ['Input/output error', 'EIO'], ['Not a directory', 'ENOTDIR']
]

/** The system's code for a reason that is known by its text alone. */
export function systemCode (text: string): string | undefined {
  return reasons.find(([reason]) => text.includes(reason))?.[1]
}
