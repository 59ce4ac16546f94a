import { describe, expect, it } from 'vitest'
import { PeerUnreachableError, RefusedError, UnavailableError } from '../../src/errors.ts'
import { httpRedirectsMax } from '../../src/limits.ts'
import { blockRequest, carRequest, httpGet, isCarAddress, isHttpProvider } from '../../src/transfer/http-request.ts'
import { leaf } from '../format/dags.ts'
import { startWebServer } from './http-support.ts'
import type { IncomingMessage, ServerResponse } from 'node:http'

const { cid } = leaf('block')
const { signal } = new AbortController()

async function get (answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<{ response: Promise<Response>, asked: string[] }> {
  const { url, asked } = await startWebServer(answer)
  return { response: httpGet(fetch, { url: `${url}/start`, accept: 'text/plain' }, signal), asked }
}

describe('requests', () => {
  it.each([
    ['https://host', true, false], ['HTTP://host/a.car', true, true], ['https://host/a.car?x=1', true, true],
    ['/dns4/host/tcp/1', false, false], ['16Uiu2', false, false]
  ])('of %s go by HTTP: %s, for one CAR: %s', (name, isHttp, isCar) => {
    expect([isHttpProvider(name), isCarAddress(name)]).toEqual([isHttp, isCar])
  })

  it.each([
    ['https://host', `https://host/ipfs/${cid.toString()}?format=car&dag-scope=all&car-order=dfs&car-dups=n`],
    ['https://host/sub/?key=1', `https://host/sub/ipfs/${cid.toString()}?key=1&format=car&dag-scope=all&car-order=dfs&car-dups=n`],
    ['https://host/some.car', 'https://host/some.car']
  ])('ask %s for a CAR as the gateway specification says', (name, url) => {
    expect(carRequest(name, cid)).toMatchObject({ url, accept: expect.stringContaining('application/vnd.ipld.car; version=1; order=dfs; dups=n') as string })
  })

  it('ask for one block', () => {
    expect(blockRequest('https://host/', cid)).toEqual({ url: `https://host/ipfs/${cid.toString()}?format=raw`, accept: 'application/vnd.ipld.raw' })
  })
})

describe('httpGet', () => {
  it('gives what is there', async () => {
    const { response } = await get(({ headers }, answer) => answer.end(headers.accept))
    expect(await (await response).text()).toBe('text/plain')
  })

  it.each([
    [404, UnavailableError, 'not-available'], [410, UnavailableError, 'not-available'], [429, RefusedError, 'busy'], [503, RefusedError, 'busy'],
    [401, RefusedError, 'bad-request'], [500, RefusedError, 'bad-request'], [206, RefusedError, 'bad-request']
  ])('takes %i for what it means', async (status, error, meaning) => {
    const { response } = await get((_, answer) => answer.writeHead(status).end('no'))
    await expect(response).rejects.toThrow(error)
    await expect(response).rejects.toMatchObject({ details: { status: meaning } })
  })

  it('follows a few redirects', async () => {
    const { response, asked } = await get(({ url }, answer) => url === '/start' ? answer.writeHead(302, { location: '/there' }).end() : answer.end('found'))
    expect(await (await response).text()).toBe('found')
    expect(asked).toEqual(['/start', '/there'])
  })

  it.each([['https://127.0.0.1/other'], ['file:///etc/passwd'], ['data:text/plain,x'], ['http://']])('does not follow one to %s', async (location) => {
    const { response, asked } = await get((_, answer) => answer.writeHead(302, { location }).end())
    await expect(response).rejects.toThrow(RefusedError)
    expect(asked).toHaveLength(1)
  })

  it('does not follow redirects for ever', async () => {
    const { response, asked } = await get((_, answer) => answer.writeHead(302, { location: '/start' }).end())
    await expect(response).rejects.toThrow(/redirects more than/)
    expect(asked).toHaveLength(httpRedirectsMax + 1)
  })

  it('says why nobody answers', async () => {
    const gone = httpGet(fetch, { url: 'http://127.0.0.1:1/x', accept: '*/*' }, signal)
    await expect(gone).rejects.toThrow(PeerUnreachableError)
    await expect(gone).rejects.toThrow(/^127\.0\.0\.1:1 cannot be reached: .*(ECONNREFUSED|bad port)/)
  })

  it('ends with the signal\'s reason', async () => {
    const { url } = await startWebServer(() => {})
    const controller = new AbortController()
    const waiting = httpGet(fetch, { url, accept: '*/*' }, controller.signal)
    controller.abort('enough')
    await expect(waiting).rejects.toBe('enough')
  })
})
