import { describe, expect, it } from 'vitest'
import { Demo } from './demo.ts'

describe('the audit of a task', () => {
  it('ends with the right verdicts, what they cost, and what is proven', async () => {
    await using demo = await Demo.start('audit-a-task')
    const lines = await demo.ended(0)
    for (const [miner, verdict] of [['1', 'ok'], ['2', 'ok'], ['3', 'copied'], ['4', 'mismatch']] as const) {
      expect(lines).toContainEqual(expect.stringMatching(`^miner ${miner} +${verdict} `))
    }
    expect(lines).toContainEqual(expect.stringMatching(/^submit +1 +76 +\d{3},\d{3}$/))
    expect(lines).toContainEqual(expect.stringMatching(/^submit the documents, not their URN .* times that$/))
    expect(lines).toContainEqual(expect.stringMatching(/^anchor +proven +anchored no later than block \d+/))
    expect(lines.filter(line => line.includes('flipped')).map(line => /"(\w+)" falls$/.exec(line)?.[1]))
      .toEqual(['result', 'result', 'verdict', 'statement', 'inclusion', 'anchor'])
    expect(lines.at(-1)).toBe('each verdict is the right one, and proven as far as it can be')
    await demo.leavesNothing()
  })

  it('leaves no process and no file behind when it is interrupted', async () => {
    await using demo = await Demo.start('audit-a-task')
    await demo.interruptAfter('is killed')
    await demo.leavesNothing()
  })
})
