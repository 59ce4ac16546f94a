import type { Frontier } from './frontier.ts'
import type { DagHeader } from '../format/messages.ts'

/** What one provider is asked to do: to send what the frontier still misses. */
export interface ProviderTurn {
  frontier: Frontier
  bytesMax: number
  stallTimeoutMs: number
  signal: AbortSignal
  /** Called when the provider agreed to send. */
  onHeader: (header: DagHeader) => void
  /** Called when blocks were accepted. */
  onBlocks: () => void
}
