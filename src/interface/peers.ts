/**
 * Who may connect to this node, in either direction. Peers are named by EVM address or by peer id; one that has no EVM account,
 * such as a Kubo with its Ed25519 key, by its peer id alone.
 */
export interface PeerRules {
  /** With it, these and the node's routers may connect, and nobody else. Without it everybody may. */
  allow?: readonly string[]
  /** These may not, also when they are allowed or are routers. */
  deny?: readonly string[]
}
