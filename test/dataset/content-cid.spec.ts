import { expect, it } from 'vitest'
import { cidOfContent } from '../../src/dataset/content-cid.ts'

it('names content as the file that holds it', async () => {
  const stream = (async function * () { for (const piece of ['hel', 'lo']) yield await Promise.resolve(Buffer.from(piece)) })()
  for (const content of [Buffer.from('hello'), stream]) expect(await cidOfContent(content, {})).toBe('bafkreibm6jg3ux5qumhcn2b3flc3tyu6dmlb4xa7u5bf44yegnrjhc4yeq')
})

it.each(['hello', 5, undefined, null, [1]])('refuses %j', async content => {
  await expect(cidOfContent(content, {})).rejects.toMatchObject({ name: 'InvalidArgumentError' })
})
