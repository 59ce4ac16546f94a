/** Room on the disk. */
export interface SpaceAmount {
  bytes: number
  files: number
}

/** Room that is asked for. */
export interface SpaceRequest extends SpaceAmount {
  /** May use the last bytes of the quota, and never waits for room: what is needed to free others. */
  essential?: boolean
}
