import { once } from 'node:events'
import { connect, createServer } from 'node:net'
import { onTestFinished } from 'vitest'
import type { AddressInfo, ServerOpts, Socket } from 'node:net'

/** Both ends of a TCP connection on loopback until the test ends: the one that a client made, and the one that a server accepted. */
export async function startSocketPair (options: ServerOpts = {}): Promise<[client: Socket, accepted: Socket]> {
  const server = createServer(options)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const client = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const [[accepted]] = await Promise.all([once(server, 'connection') as Promise<[Socket]>, once(client, 'connect')])
  onTestFinished(() => {
    client.destroy()
    accepted.destroy()
    server.close()
  })
  return [client, accepted]
}
