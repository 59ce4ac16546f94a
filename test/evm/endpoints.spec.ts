import { expect, test } from 'vitest'
import { ChainError } from '../../src/errors.ts'
import { Endpoints } from '../../src/evm/endpoints.ts'
import { FakeChain } from '../support/evm/fake-endpoint.ts'

function fakeChain (): FakeChain {
  const chain = new FakeChain()
  chain.add()
  return chain
}

function endpointsAt (...urls: string[]): Endpoints {
  return new Endpoints({ urls, chainId: '1', timeoutMs: 300 })
}

test('asks the next endpoint when one cannot answer, and stays with it', async () => {
  await using first = await fakeChain().serve()
  await using second = await fakeChain().serve()
  const endpoints = endpointsAt(first.url, second.url)
  first.answer('fail')
  expect(await endpoints.ask('it', async ask => await ask('eth_blockNumber', []))).toBe('0x0')
  expect(await endpoints.ask('it', async ask => await ask('eth_blockNumber', []))).toBe('0x0')
  expect([first.asked, second.asked]).toEqual([['eth_chainId'], ['eth_chainId', 'eth_blockNumber', 'eth_blockNumber']])
})

test('asks the next endpoint when the work refuses what one gave', async () => {
  await using first = await fakeChain().serve()
  await using second = await fakeChain().serve()
  second.answer(({ method }) => ({ result: method === 'eth_chainId' ? '0x1' : 'better' }))
  const answer = await endpointsAt(first.url, second.url).ask('it', async ask => {
    const said = await ask('eth_blockNumber', [])
    if (said !== 'better') throw new Error('not good enough')
    return said
  })
  expect(answer).toBe('better')
})

test('says what each one did when none could, and shows no key that a URL has', async () => {
  await using endpoint = await fakeChain().serve()
  const url = `${endpoint.url}/v2/secret-key`
  const fates = [['fail', 'HTTP request failed', false], ['stall', 'no answer within 300 ms', false], ['garbage', 'HTTP request failed', false],
    [{ error: { code: -32601, message: 'not for you' } }, 'not for you', true]] as const
  for (const [how, said, refused] of fates) {
    endpoint.answer(({ method }) => method === 'eth_chainId' ? { result: '0x1' } : how)
    const error = await endpointsAt(url).ask('the newest block', async ask => await ask('eth_blockNumber', [])).catch((thrown: unknown) => thrown) as ChainError
    expect(error).toBeInstanceOf(ChainError)
    expect(error.message).toContain('No endpoint of chain 1 gave the newest block')
    expect(error.details['attempts']).toEqual([{ endpoint: new URL(url).host, error: expect.stringContaining(said) as string, refused }])
    expect(`${error.message} ${JSON.stringify(error)}`).not.toContain('secret-key')
    expect(error.retryable).toBe(true)
  }
})

test('an endpoint of another chain is asked nothing, and when all are it is of no use to try again', async () => {
  await using endpoint = await fakeChain().serve()
  const endpoints = new Endpoints({ urls: [endpoint.url], chainId: '2', timeoutMs: 2_000 })
  const asking = endpoints.ask('it', async ask => await ask('eth_blockNumber', []))
  await expect(asking).rejects.toMatchObject({ name: 'ChainError', retryable: false })
  expect(endpoint.asked).toEqual(['eth_chainId'])
})

test('ends with the reason of the signal, also before anything is asked', async () => {
  await using endpoint = await fakeChain().serve()
  const reason = new Error('enough')
  endpoint.answer('stall')
  const controller = new AbortController()
  const asking = endpointsAt(endpoint.url).ask('it', async ask => await ask('eth_blockNumber', []), { signal: controller.signal })
  controller.abort(reason)
  await expect(asking).rejects.toBe(reason)
  await expect(endpointsAt(endpoint.url).ask('it', async () => 1, { signal: controller.signal })).rejects.toBe(reason)
})

test('says why a contract refuses when each endpoint says so, and does not when one is only not there', async () => {
  await using first = await fakeChain().serve()
  await using second = await fakeChain().serve()
  const reverts = { error: { code: 3, message: 'execution reverted: too late' } }
  for (const endpoint of [first, second]) endpoint.answer(({ method }) => method === 'eth_chainId' ? { result: '0x1' } : reverts)
  const ask = async (): Promise<unknown> => await endpointsAt(first.url, second.url).ask('the gas of a call', async ask => await ask('eth_estimateGas', []))
  await expect(ask()).rejects.toMatchObject({
    name: 'RevertedError', retryable: false, details: { reason: '"too late"', chainId: '1', attempts: [{ refused: true }, { refused: true }] }
  })
  second.answer('fail')
  await expect(ask()).rejects.toMatchObject({ name: 'ChainError', retryable: true })
})
