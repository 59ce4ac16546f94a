// A task on a real chain, and what anybody can find out about it afterwards: one router, four miners and one oracle, each a
// process of its own with its own repository, over TCP on loopback, and a chain with the network's contracts. One miner is
// killed at the worst moment and comes back, one copies, one changes its answer when it is too late. It ends with 0 only when
// each is judged as it deserves, and when the file that is left proves it with nobody there.
//
//   npm run demo:audit
import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Program, freePort, newKey } from '../support/program.ts'
import { say, temporaryHome } from '../support/story.ts'
import { startChain } from './chain.ts'
import { claimTable, gasTable, refusal, unmet, verdictTable } from './report.ts'
import { pollMs, queueOf } from './start.ts'
import type { Chain } from './chain.ts'
import type { Answered, Fallen, Judged, OnChain, Submitted, Verified } from './start.ts'

const documents = ['SECURITY.md', 'LICENSE']
const home = await temporaryHome('audit-a-task')
const file = join(home, 'evidence.car')
const router = { port: await freePort(), ...newKey() }
const oracle = { name: 'the oracle', port: await freePort(), ...newKey() }
const honest = { name: 'miner 1', ...newKey() }
const killed = { name: 'miner 2', ...newKey() }
const copycat = { name: 'miner 3', ...newKey() }
const forger = { name: 'miner 4', ...newKey() }
const miners = [honest, killed, copycat, forger]
const routers = [router, oracle].map(({ address, port }) => `${address}@127.0.0.1:${port}`)
let chain: Chain | undefined

try {
  chain = await startChain()
  const { place } = chain
  for (const { address } of [router, oracle, ...miners]) await chain.fund(address)
  say(`a chain runs, with session queue ${place.queue} and EAS ${place.eas}`)
  const start = (program: string, { privateKey }: { privateKey: string }, init: object): Program =>
    new Program(new URL(`${program}.ts`, import.meta.url), { home, privateKey, chain: place, ...init })

  // the task: on chain is a URN, and what it names may be read by the miners of the session and by the oracle
  const oracleProgram = start('oracle', oracle, { listen: oracle.port, routers: routers.slice(0, 1), file })
  await oracleProgram.next('listening')
  const files = documents.map(path => ({ name: path, path }))
  const readers = { miners: miners.map(({ address }) => address), oracle: oracle.address }
  const routerProgram = start('router', router, { listen: router.port, files, ...readers })
  await routerProgram.next('listening')
  const [first, dying, last] = [start('miner', honest, { routers }), start('miner', killed, { routers }), start('forger', forger, { routers })]
  const { urn } = await routerProgram.next<Submitted>('submitted')
  say(`the router submits ${urn}`)

  // precommits: one miner dies as soon as its own is on chain. The copycat comes last, when there is something to copy
  const missing = new Set([honest, killed, forger].map(({ address }) => address))
  const watch = { types: ['precommitted'], fromBlock: '0', pollMs, signal: AbortSignal.timeout(60_000) } as const
  for await (const event of queueOf(place).watchTasks(watch)) {
    if (event.type === 'precommitted') missing.delete(event.miner)
    if (event.type === 'precommitted' && event.miner === killed.address) {
      await dying.kill()
      say(`${killed.name} has precommitted in block ${event.blockNumber}, and is killed`)
    }
    if (missing.size === 0) break
  }
  const { text } = await first.next<{ text: string }>('computed')
  const [again, copying] = [start('miner', killed, { routers }), start('copycat', copycat, { routers })]
  say(`${killed.name} is started again; ${copycat.name} precommits a hash that it sees on chain`)

  // commits: the contract holds everybody to their hashes, and to no more than that
  const [, resumed, copied, refused] = await Promise.all([first, again, copying, last].map(async program => await program.next<Answered>('answered')))
  say(`${honest.name} has revealed and committed`)
  say(`${killed.name} has ${resumed?.resumed === true ? 'found its answer again' : 'begun anew'}, revealed and committed`)
  say(`${copycat.name} has committed ${copied?.urn ?? ''}, and the queue takes it`)
  say(`${forger.name} has changed its answer to ${refused?.urn ?? ''}, and the queue refuses it: ${refusal(refused)}`)
  routerProgram.tell('window-over', {})
  oracleProgram.tell('delivered', { miner: forger.address, urn: refused?.urn })

  // verdicts, evidence, and 32 bytes on chain that commit to it
  const judged = await oracleProgram.next<Judged>('judged')
  say(`the oracle has judged, and publishes ${judged.evidence}`)
  say(`its log is anchored in block ${judged.anchored.block}, with ${judged.anchored.size} statement(s)`)
  await Promise.all([first, again, copying, last, routerProgram, oracleProgram].map(async program => { await program.stop() }))
  const [paid, payload] = [await chain.paid(), { task: await readAll(documents), answer: text }]
  const tried = await chain.tryOut(payload.task, payload.answer)
  await chain.halt()
  say('router, miners, oracle and chain have stopped: what is left is one file')

  const verifier = new Program(new URL('verifier.ts', import.meta.url), { file })
  const offline = await verifier.next<Verified>('offline')
  say(`verified with nobody there: ${offline.bytes} bytes in ${offline.ms.toFixed(0)} ms`)
  const fallen = await verifier.next<Fallen[]>('fallen')
  for (const { what, at, claim = 'nothing' } of fallen) say(`with a bit of ${what} flipped, at byte ${at}, it is refused: "${claim}" falls`)
  verifier.tell('chain', await chain.resume())
  const withChain = await verifier.next<Verified>('with-chain')
  const onChain = await verifier.next<OnChain[]>('on-chain')
  say('the chain is back, and says the same')
  await verifier.stop()

  const parties = { honest, killed, copycat, forger, oracle }
  console.log(verdictTable(parties, judged))
  console.log(gasTable(paid, tried, payload))
  console.log(claimTable(parties, withChain, onChain))
  const wrong = unmet({ parties, judged, resumed, refused, offline, fallen, withChain, onChain })
  for (const sentence of wrong) console.log(`FAILED: ${sentence}`)
  if (wrong.length > 0) process.exitCode = 1
  else console.log('each verdict is the right one, and proven as far as it can be')
} finally {
  Program.endAll()
  await chain?.end()
  await rm(home, { recursive: true, force: true })
}

async function readAll (paths: readonly string[]): Promise<string> {
  return (await Promise.all(paths.map(async path => await readFile(path, 'utf8')))).join('\n')
}
