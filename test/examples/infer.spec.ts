import { once } from 'node:events'
import { createServer } from 'node:http'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { infer } from '../../examples/support/infer.ts'
import type { IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)

afterEach(() => { vi.unstubAllEnvs() })

describe('the inference of the examples', () => {
  it('summarises with sentences of the documents, the same each time', async () => {
    const documents = [bytes('Blocks are hashed. Every block is hashed before blocks are stored. Cats sleep. A hashed block is a block that is stored once.')]
    const { text, model } = await infer('Summarise.', documents)
    expect(model).toEqual({ name: 'extractive-summary' })
    expect(text.split('. ')).toHaveLength(3)
    expect(text).not.toContain('Cats')
    expect((await infer('Summarise.', documents)).text).toBe(text)
  })

  it('says so when there is no text among the documents', async () => {
    expect((await infer('Summarise.', [Uint8Array.of(0xff, 0xfe)])).text).toBe('There is no text in the documents.')
  })

  it('asks an OpenAI-compatible server where one is named', async () => {
    const requests: { url: string | undefined, body: unknown }[] = []
    const server = createServer((request, response) => {
      void read(request).then(body => {
        requests.push({ url: request.url, body })
        response.end(JSON.stringify({ model: 'tiny', choices: [{ text: 'an answer' }] }))
      })
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    vi.stubEnv('INFERENCE_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    expect(await infer('Summarise.', [bytes('one'), Uint8Array.of(0xff)])).toEqual({ text: 'an answer', model: { name: 'tiny' } })
    expect(requests).toMatchObject([{ url: '/v1/completions', body: { prompt: 'Summarise.\n\none' } }])
    server.close()
  })

  it('fails with the status of a server that refuses', async () => {
    const server = createServer((_, response) => { response.writeHead(503).end() }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    vi.stubEnv('INFERENCE_URL', `http://127.0.0.1:${(server.address() as AddressInfo).port}`)
    await expect(infer('Summarise.', [])).rejects.toThrow('503')
    server.close()
  })
})

async function read (request: IncomingMessage): Promise<unknown> {
  return JSON.parse(Buffer.concat(await Array.fromAsync(request as AsyncIterable<Buffer>)).toString()) as unknown
}
