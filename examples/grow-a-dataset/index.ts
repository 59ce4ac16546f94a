// A dataset that grows, and is mended: one publisher, three miners, a mirror, two consumers and somebody who verifies, each a
// process of its own with its own repository, over TCP on loopback. This program stands in for the chain: it carries URNs. It
// ends with 0 only when everything came out as it must.
//
//   npm run demo:dataset [-- FILE…]
import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { Program, freePort, newKey } from '../support/program.ts'
import { conclude, say, temporaryHome } from '../support/story.ts'
import { documentsOf } from './documents.ts'
import { expectations } from './expectations.ts'
import { affectedTable, bytesText, changesLine, findingLine, listedTable, proofLine, readLine, versionLine } from './report.ts'
import type { Affected, Answered, Assigned, Finding, Held, Listed, Proven, Published, Read, Reading, Verified } from './start.ts'

const versions = ['1.0.0', '1.1.0']
/** In each answer. A model takes longer than a program that looks for words. */
const questionsMax = process.env['INFERENCE_URL'] === undefined ? 150 : 6
const questionsMin = 4

const miners = [1, 2, 3].map(number => ({ name: `miner ${number}`, isCheat: number === 3, ...newKey() }))
const documents = await documentsOf(process.argv.slice(2), versions.length * miners.length * questionsMin)
const home = await temporaryHome('grow-a-dataset')
const publisher = { listen: await freePort(), ...newKey() }
const mirror = { listen: await freePort(), ...newKey() }
const dataset = `${publisher.address}/questions`
const at = ({ address, listen }: typeof publisher): string => `${address}@127.0.0.1:${listen}`
const start = (program: string, init: object): Program => new Program(new URL(`${program}.ts`, import.meta.url), { home, ...init })

try {
  const session = { chainId: '421614', queue: `0x${'c0'.repeat(20)}`, sessionId: '8' }
  const workers = miners.map(({ address }) => address)
  const publishing = start('publisher', { ...publisher, session, documents, miners: workers, versions, questionsMax })
  await publishing.next('listening')
  const mining = miners.map(miner => start('miner', { ...miner, routers: [at(publisher)], runs: versions.length }))
  say(`a publisher gives ${documents.map(({ name }) => name).join(', ')} to 3 miners`)

  // 1.0.0: the rows of everybody, and a mirror that holds what there is from now on
  const answers = [await mine(publishing, mining, 0)]
  const founded = await publishing.next<Published>('published-1.0.0')
  say(versionLine(founded))
  const mirroring = start('mirror', { ...mirror, routers: [at(publisher)], dataset })
  const held = [await mirroring.next<Held>('held-1.0.0')]

  // 1.1.0: more rows
  publishing.tell('go-on', {})
  answers.push(await mine(publishing, mining, 1))
  const grown = await publishing.next<Published>('published-1.1.0')
  say(versionLine(grown))
  say(changesLine(grown))
  held.push(await mirroring.next<Held>('held-1.1.0'))

  // 2.0.0: no row of who has cheated
  publishing.tell('go-on', {})
  const findings = await publishing.next<Finding[]>('found')
  if (findings.length === 0) throw new Error('the publisher has found no row that is wrong')
  for (const finding of findings) say(findingLine(miners, finding))
  const affected = await publishing.next<Affected>('affected')
  console.log(affectedTable(miners, affected))
  const mended = await publishing.next<Published>('published-2.0.0')
  say(versionLine(mended))
  say(changesLine(mended))
  held.push(await mirroring.next<Held>('held-2.0.0'))
  say(`a mirror has fetched ${held.map(({ bytes }) => bytesText(bytes)).join(', ')} for these three`)

  // a stranger reads two columns from the publisher, and another one when nobody but the mirror is left
  const stranger = start('consumer', { ...newKey(), routers: [at(publisher)], dataset })
  const fromPublisher = await readingOf(stranger)
  console.log(listedTable(fromPublisher))
  say(`a stranger has read ${readLine(fromPublisher)}`)
  await Promise.all([stranger, publishing, ...mining].map(async program => { await program.stop() }))
  say('publisher and miners have stopped')
  const proof = join(home, 'row.json')
  const later = start('consumer', { ...newKey(), routers: [at(mirror)], dataset, proof })
  const fromMirror = await readingOf(later)
  say(`another one has read ${readLine(fromMirror)}, from the mirror`)

  // a row and its proof are a file, for when nobody is left
  const { root } = await later.next<Proven>('proven')
  await Promise.all([later, mirroring].map(async program => { await program.stop() }))
  const verifying = start('verifier', { proof, root })
  const verified = await verifying.next<Verified>('verified')
  await verifying.stop()
  say(proofLine(verified))
  say(`with a bit of it flipped it is refused: ${verified.refused}`)

  const repositories = (await readdir(home)).filter(name => name.startsWith('0x')).length
  const read = { fromPublisher, fromMirror, verified, repositories }
  conclude(expectations({ publisher, miners, answers, founded, grown, findings, affected, mended, held, ...read }))
} catch (error) {
  console.log(`FAILED: ${(error as Error).message}`)
  process.exitCode = 1
} finally {
  Program.endAll()
  await rm(home, { recursive: true, force: true })
}

/** A run of the miners: each gets a task, and what it answers goes to the publisher. */
async function mine (publishing: Program, mining: readonly Program[], run: number): Promise<Answered[]> {
  return await Promise.all(mining.map(async (program, place) => {
    const taskId = run * mining.length + place
    program.tell('assigned', await publishing.next<Assigned>(`assigned-${taskId}`))
    const answered = await program.next<Answered>(`answered-${taskId}`)
    publishing.tell(`answered-${taskId}`, answered)
    return answered
  }))
}

async function readingOf (consumer: Program): Promise<Reading> {
  return { ...await consumer.next<Listed>('listed'), ...await consumer.next<Read>('read') }
}
