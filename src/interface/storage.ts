/** How much of the disk a node may take, and how carefully it writes. */
export interface StorageOptions {
  /**
   * Bytes that the repository may take, its index included: a number, or text such as `'10GiB'` or `'1.5 TB'`. At no moment is
   * it exceeded; what is not held goes when room is needed. At least 16 MiB. Default: the smaller of 10 GiB and 10 % of the file
   * system (of the machine's memory for a repository in memory).
   */
  quota?: number | string
  /**
   * Files that the repository may have. Default: the smaller of 1,000,000 and 10 % of the inodes of the file system, where it has
   * a number of them.
   */
  quotaFiles?: number
  /**
   * Bytes of the file system that are left to others whatever the quota: a number, or text such as `'5GiB'`. Default: the smaller
   * of 5 GiB and 5 % of the file system. Nothing is left free for a repository in memory.
   */
  keepFree?: number | string
  /**
   * What a bundle survives once it is published or fetched: `power-cut` waits for the drive, as far as it honours fsync;
   * `process-crash` does not, and a power cut may take what was stored. Default: `power-cut`.
   */
  durability?: 'power-cut' | 'process-crash'
  /**
   * Milliseconds for which a bundle is held that this node publishes, by its kind; `Infinity` holds it until it is released, 0
   * makes it cache at once. Default: tasks two days, results 30 days, every other kind `Infinity`.
   */
  retentionMs?: Readonly<Record<string, number>>
  /** Bytes a second at which stored blocks are read and hashed in the background. Without it they are checked only when read. */
  scrubBytesPerSecond?: number
}
