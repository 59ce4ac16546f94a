/** What a child printed, in order: which roots must be listed, and which may be. */
export class Acknowledged {
  readonly roots: Set<string> = new Set<string>()

  /** Takes lines of the form that is said at the head of `programs/node-child.ts`. */
  take (lines: readonly string[]): void {
    for (const line of lines) {
      const [what = '', root = ''] = line.split(' ')
      if (what === 'kept') this.roots.add(root)
      if (what === 'maybe') this.roots.delete(root)
    }
  }
}
