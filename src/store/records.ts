import type { RecordFile } from './record-file.ts'

/** Records of all listed bundles by the text of their root, and which of them became public. */
export class Records extends Map<string, RecordFile> {
  readonly #announced = new Set<string>()

  override set (root: string, record: RecordFile): this {
    const wasPublic = isPublicRecord(this.get(root))
    super.set(root, record)
    if (!wasPublic) this.announce(root)
    return this
  }

  /** Says that the blocks of a bundle may be others than before, where anyone may read them. */
  announce (root: string): void {
    if (isPublicRecord(this.get(root))) this.#announced.add(root)
  }

  get hasAnnounced (): boolean {
    return this.#announced.size > 0
  }

  /** Takes the roots of those that were announced since they were taken last, and are public still. */
  takeAnnounced (): string[] {
    const roots = [...this.#announced].filter(root => isPublicRecord(this.get(root)))
    this.#announced.clear()
    return roots
  }
}

/** True for a bundle that is revealed and that anyone may read. */
export function isPublicRecord (record: RecordFile | undefined): boolean {
  return record?.bundle.readers === 'anyone' && !record.bundle.embargoed
}
