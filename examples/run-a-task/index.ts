// The whole task: one router, three miners, one oracle, one consumer, each a process of its own with its own repository,
// over TCP on loopback. This program stands in for the chain: it assigns the miners, keeps the hashes of their
// precommits, and carries URNs. It ends with 0 only when everything came out as it must.
//
//   npm run demo [-- FILE…] [--size MIB] [--cheat] [--die]
import { readdir, rm } from 'node:fs/promises'
import { basename } from 'node:path'
import { parseArgs } from 'node:util'
import { Program, freePort, newKey } from '../support/program.ts'
import { conclude, temporaryHome } from '../support/story.ts'
import { progressBar, table } from '../support/table.ts'
import type { Address, Digest } from 'cortensor-datanode'

interface Miner { name: string, program: Program, address: Address, hash?: Digest, urn?: string, misbehave?: 'cheat' | 'die' }
interface Judged {
  verdicts: { miner: Address, status: string, reason: string, ref: string, elapsedMs: number }[]
  agreements: { miners: Address[] }[]
  evidence: string
  dataset: string
}
interface Checked { miner: Address, urn: string, bytes: number, verdict: string, ms: number }
interface Outcome { miners: Miner[], judged: Judged, checks: Checked[], read: Read }
interface Read { name: string, rows: number, files: number, conformsTo: string, versions: string[], signer: Address, ms: number }

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { size: { type: 'string', default: '64' }, cheat: { type: 'boolean', default: false }, die: { type: 'boolean', default: false } }
})
const attachmentBytes = Number(options.size) * 1024 * 1024
if (!Number.isInteger(attachmentBytes) || attachmentBytes < 0 || attachmentBytes > 2 ** 31) {
  throw new Error(`--size is in MiB, 0 to 2048, and is ${options.size}`)
}
const documents = positionals.length > 0 ? positionals : ['README.md', 'SECURITY.md', 'CHANGELOG.md', 'LICENSE']

const home = await temporaryHome('run-a-task')
const keys = { router: newKey(), oracle: newKey(), consumer: newKey() }
const ports = { router: await freePort(), oracle: await freePort() }
const session = { chainId: '421614', queue: `0x${'c0'.repeat(20)}`, sessionId: '7' }
const taskId = '0'
const reference = { ...session, taskId }
const at = (role: 'router' | 'oracle'): string => `${keys[role].address}@127.0.0.1:${ports[role]}`
const start = (role: string, init: object): Program => new Program(new URL(`${role}.ts`, import.meta.url), init)
const say = (line: string): void => { console.log(line) }
const rows: string[][] = []

try {
  // miners come first: their router is not there yet, and they do not mind
  const misbehaviour = [undefined, options.cheat ? 'cheat' : undefined, options.die ? 'die' : undefined] as const
  const miners = misbehaviour.map((misbehave, i): Miner => {
    const key = newKey()
    const program = start('miner', { home, ...key, routers: [at('router'), at('oracle')], misbehave })
    return { name: `miner ${i + 1}`, program, address: key.address, ...(misbehave === undefined ? {} : { misbehave }) }
  })
  say(`3 miners started${options.cheat ? ', miner 2 will cheat' : ''}${options.die ? ', miner 3 will die' : ''}`)

  const oracle = start('oracle', { home, ...keys.oracle, listen: ports.oracle, routers: [at('router')] })
  await oracle.next('listening')
  const files = documents.map(path => ({ name: basename(path), path }))
  const router = start('router', {
    home, ...keys.router, listen: ports.router, oracle: keys.oracle.address, session, files, attachmentBytes
  })
  const { urn, cid, ms } = await router.next<{ urn: string, cid: string, ms: number }>('submit')
  rows.push(['router', 'publish task', cid, String(attachmentBytes), ms.toFixed(0), 'published'])
  say(`router published ${documents.length} documents and ${options.size} MiB: ${urn}`)

  router.tell('submitted', { taskId, miners: miners.map(({ address }) => address) })
  await router.next('readable')
  const bar = progressBar(miners.map(({ address }) => address))
  await Promise.all(miners.map(async miner => {
    miner.program.on('progress', bar.update)
    miner.program.tell('assigned', { urn, reference })
    const { hash, fetchMs } = await miner.program.next<{ hash: Digest, fetchMs: number }>('precommit')
    miner.hash = hash
    rows.push([miner.name, 'fetch task', cid, String(attachmentBytes), fetchMs.toFixed(0), 'verified'])
  }))
  bar.end()
  say('3 precommits: hashes are known, and nobody can read the results yet')

  await Promise.all(miners.map(async miner => {
    if (miner.misbehave === 'die') {
      await miner.program.ended
      return
    }
    miner.program.tell('precommits-over', {})
    miner.urn = (await miner.program.next<{ urn: string }>('commit')).urn
  }))
  const committed = miners.filter(({ urn }) => urn !== undefined)
  say(`${committed.length} commits`)

  router.tell('commits-over', { commits: committed.map(({ address, hash, urn }) => ({ miner: address, hash, urn })) })
  const checks: Checked[] = []
  router.on('checked', body => { checks.push(body as Checked) })
  await router.next('all-checked')
  const nameOf = (address: Address): string => miners.find(miner => miner.address === address)?.name ?? address
  const cidIn = (urn: string): string => urn.slice(urn.lastIndexOf(':') + 1)
  for (const { miner, urn, bytes, ms, verdict } of checks) {
    rows.push(['router', `fetch result of ${nameOf(miner)}`, cidIn(urn), String(bytes), ms.toFixed(0), verdict])
  }

  oracle.tell('ended', { urn, taskId, miners: miners.map(({ address, hash, urn }) => ({ miner: address, hash, urn })) })
  const judged = await oracle.next<Judged>('judged')
  for (const { miner, status, ref, elapsedMs } of judged.verdicts) {
    rows.push(['oracle', `judge ${nameOf(miner)}`, cidIn(ref), '', elapsedMs.toFixed(0), status])
  }
  rows.push(['oracle', 'publish evidence', cidIn(judged.evidence), '', '', 'published'])
  rows.push(['oracle', 'publish dataset', cidIn(judged.dataset), '', '', 'summaries 1.0.0'])

  await Promise.all([router, ...committed.map(({ program }) => program)].map(async program => { await program.stop() }))
  say('router and miners have stopped; the oracle still has everything')
  const consumer = start('consumer', { home, ...keys.consumer, routers: [at('oracle')], urn: judged.dataset })
  const read = await consumer.next<Read>('read')
  rows.push(['consumer', 'fetch dataset', cidIn(judged.dataset), '', read.ms.toFixed(0), `${read.rows} rows verified`])
  await Promise.all([consumer.stop(), oracle.stop()])

  say(table(['who', 'what', 'CID', 'bytes', 'ms', 'verdict'], rows))
  for (const { miner, status, reason } of judged.verdicts) say(`${nameOf(miner)}: ${status}: ${reason}`)
  say(`agreement: ${judged.agreements.map(({ miners }) => miners.map(nameOf).join(' = ')).join('; ')}`)
  await check({ miners, judged, checks, read })
} finally {
  Program.endAll()
  await rm(home, { recursive: true, force: true })
}

/** Everything that must have come out, each a sentence. */
async function check ({ miners, judged, checks, read }: Outcome): Promise<void> {
  const expected = { cheat: 'mismatch', die: 'unavailable' }
  const good = miners.filter(({ misbehave }) => misbehave === undefined)
  const accepted = checks.filter(({ verdict }) => verdict === 'accepted').map(({ miner }) => miner)
  const repositories = await readdir(home)
  conclude(Object.fromEntries([
    ...miners.map(({ name, address, misbehave }, i): [string, boolean] => {
      const status = misbehave === undefined ? 'ok' : expected[misbehave]
      const verdict = judged.verdicts[i]
      return [`${name} is judged ${status}`, verdict?.status === status && verdict.miner === address]
    }),
    ['the router accepted exactly the good results', accepted.length === good.length && good.every(({ address }) => accepted.includes(address))],
    ['the router called the cheat a mismatch', !options.cheat || checks.some(({ verdict }) => verdict === 'MismatchError')],
    ['the good answers agree', judged.agreements.length === 1 && judged.agreements.flatMap(({ miners }) => miners).length === good.length],
    ['the consumer read every good answer', read.rows === good.length && read.versions.join() === '1.0.0'],
    ['the dataset is signed by the oracle', read.signer === keys.oracle.address],
    ['every process had a repository of its own', repositories.length === 6]
  ]))
}
