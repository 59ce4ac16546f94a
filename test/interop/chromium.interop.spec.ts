import { createServer } from 'node:http'
import { once } from 'node:events'
import { json } from 'node:stream/consumers'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { evidenceFiles } from '../audit/evidence-vectors.ts'
import { browserBundle } from '../support/browser-bundle.ts'
import { packBundle } from '../../src/bundle/pack-bundle.ts'
import { chromiumBinary, openPage } from './chromium-binary.ts'
import type { AddressInfo } from 'node:net'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { EvidenceClaim } from '../../src/interface/evidence.ts'

const [, , all] = evidenceFiles
const timeoutMs = 90_000

/** Runs in the page, where there is nothing but the entry point and what is served here. */
const program = `
import { packBundle, verifyEvidence } from '/verify.js'
const report = { agent: navigator.userAgent, flips: [] }
try {
  const response = await fetch('/evidence.car')
  const { ok, claims, signer } = await verifyEvidence(response.body)
  Object.assign(report, { ok, signer, claims })
  const file = new Uint8Array(await (await fetch('/evidence.car')).arrayBuffer())
  for (let at = 0; at < file.length; at += 61) {
    const changed = file.slice()
    changed[at] ^= 1
    report.flips.push(await verifyEvidence(changed).then(() => 'accepted', ({ name, details }) => name + ' ' + details.claim))
  }
  const { cid, bytes, car } = await packBundle([{ name: 'in/big.bin', blob: new Blob([new Uint8Array(3_000_000).fill(7)]) }, { name: 'a.txt', text: 'hello' }])
  let packedBytes = 0
  for await (const piece of car) packedBytes += piece.byteLength
  Object.assign(report, { cid: cid.toString(), bytes, packedBytes })
} catch (error) {
  report.error = error.stack
}
await fetch('/report', { method: 'POST', body: JSON.stringify(report) })
`

/** What the page found. */
interface Report {
  agent: string
  ok?: boolean
  signer?: string
  claims?: EvidenceClaim[]
  flips: string[]
  cid?: string
  bytes?: number
  packedBytes?: number
  error?: string
}

describe('a browser without a node', () => {
  let server: Server
  let report: Report

  beforeAll(async () => {
    const [binary, code] = [await chromiumBinary(), await browserBundle()]
    const reported = Promise.withResolvers<Report>()
    server = createServer((request, response) => { serve(request, response, code, reported.resolve) })
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const late = setTimeout(() => { reported.reject(new Error('The page said nothing')) }, timeoutMs)
    await using browser = await openPage(binary, `http://127.0.0.1:${(server.address() as AddressInfo).port}/`)
    try {
      report = await reported.promise
    } catch (cause) {
      throw new Error(`${String(cause)}: ${browser.said}`, { cause })
    } finally {
      clearTimeout(late)
    }
    console.log(`${report.agent}: verify.js has ${Math.ceil(Buffer.byteLength(code) / 1000)} KB minified`)
  }, 900_000)

  afterAll(async () => {
    server.closeAllConnections()
    await new Promise(resolve => { server.close(resolve) })
  })

  it('verifies exported evidence as it is verified elsewhere', () => {
    expect(report.error).toBeUndefined()
    expect(report.agent).toContain('Chrome')
    expect(report).toMatchObject({ ok: true, signer: all.signer })
    expect(report.claims?.map(({ code, subject, holds }) => ({ code, subject, holds }))).toEqual(all.claims)
  })

  it('refuses it with one byte changed, wherever that is, and says which claim fell', () => {
    expect(report.flips.length).toBe(Math.ceil(all.file.length / 61))
    expect(report.flips.filter(flip => !/^InvalidEvidenceError [a-z]+$/.test(flip))).toEqual([])
    expect(new Set(report.flips).size).toBeGreaterThan(5)
  })

  it('packs files under the root that a node gives them', async () => {
    const { cid, bytes } = await packBundle([{ name: 'in/big.bin', bytes: new Uint8Array(3_000_000).fill(7) }, { name: 'a.txt', text: 'hello' }])
    expect(report).toMatchObject({ cid: cid.toString(), bytes, packedBytes: bytes })
  })
})

function serve (request: IncomingMessage, response: ServerResponse, code: string, report: (report: Report) => void): void {
  const send = (type: string, body: string | Uint8Array): void => { response.writeHead(200, { 'content-type': type }).end(body) }
  switch (request.url) {
    case '/': send('text/html', '<!doctype html><meta charset="utf-8"><script type="module" src="/program.js"></script>'); break
    case '/program.js': send('text/javascript', program); break
    case '/verify.js': send('text/javascript', code); break
    case '/evidence.car': send('application/vnd.ipld.car', all.file); break
    case '/report':
      json(request).then(body => { report(body as Report) }, () => {})
      send('text/plain', '')
      break
    default: response.writeHead(404).end()
  }
}
