import { describe, expect, it } from 'vitest'
import { writeCard } from '../../src/dataset/card.ts'
import { miner, root } from '../audit/fixtures.ts'

const file = (i: number) => ({ path: `data/${i}.csv`, cid: root(`${i}`), bytes: 1n, sha256: '0x00' as const })

describe('writeCard', () => {
  it('says what it is, who made it and what it holds', () => {
    const card = writeCard({
      name: 'qa', version: '1.0.0', files: [], description: 'Questions.', license: 'MIT', creators: [{ name: 'A', url: 'https://a.example' }], keywords: ['k']
    }, miner(1), [file(1)])
    expect(card).toContain('# qa\n\nQuestions.\n')
    expect(card).toContain(`- Publisher: \`${miner(1)}\``)
    expect(card).toContain('- Creators: A (https://a.example)')
    expect(card).toContain(`| data/1.csv | 1 | \`${root('1').toString()}\` |`)
  })

  it('counts the files that it does not show', () => {
    const files = Array.from({ length: 51 }, (_, i) => file(i))
    expect(writeCard({ name: 'qa', version: '1.0.0', files: [] }, miner(1), files)).toContain('| and 1 more | | |')
    expect(writeCard({ name: 'qa', version: '1.0.0', files: [] }, miner(1), files.slice(1))).not.toContain('more')
  })

  it('keeps a name from breaking the table', () => {
    expect(writeCard({ name: 'qa', version: '1.0.0', files: [] }, miner(1), [{ ...file(1), path: 'data/a|b' }])).toContain('| data/a\\|b |')
  })
})
