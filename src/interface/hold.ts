/** Why a bundle stays on disk. A bundle has at most one hold for each owner. */
export interface Hold {
  /** A label of at most 64 characters; `host` where none was given. */
  owner: string
  /** Milliseconds since 1970, after which the hold counts no more. Without it, it lasts until it is released. */
  until?: number
}

/** How to hold. */
export interface HoldInit {
  /** A label of at most 64 characters; `host` where none is given. */
  owner?: string | undefined
  /** Milliseconds since 1970, after which the hold counts no more. Without it, or with `Infinity`, it lasts until released. */
  until?: number | undefined
}
