import type { ComponentLogger, Logger } from '@libp2p/interface'

/** What libp2p and Helia log to: nothing, whatever the environment says. A library writes where its host tells it to. */
export const silentLogger: ComponentLogger = {
  forComponent: () => silent
}

const nothing = (): void => {}

const silent: Logger = Object.assign(nothing, {
  error: nothing,
  trace: nothing,
  enabled: false,
  newScope: (): Logger => silent
})
