import { createDataNode } from 'cortensor-datanode'

const router = await createDataNode({ home: ':memory:', privateKey: 'generate', listen: ['/ip4/127.0.0.1/tcp/0'] })
const miner = await createDataNode({ home: ':memory:', privateKey: 'generate', routers: router.multiaddrs })

const session = { chainId: '421614', queue: `0x${'c0'.repeat(20)}` as const, sessionId: '7' }
const published = await router.publishTaskBundle({ session, prompt: 'What is a CID?' }, { readers: [miner.address] })
const task = await miner.fetchTaskBundle(published.urn)
console.log(task.prompt, 'from', task.statements[0]?.signer)

await Promise.all([miner.stop(), router.stop()])
