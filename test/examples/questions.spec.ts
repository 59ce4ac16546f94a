import { describe, expect, it } from 'vitest'
import { ask, blanksOf, unwrapped } from '../../examples/grow-a-dataset/questions.ts'

const sentence = 'Content addressing names what a thing is,\nand never where it is kept.'
const text = ['# Naming things in a network of peers', sentence, '| a table | with more than forty characters in it |',
  '```\nconst code = that has more than forty characters in it.\n```'].join('\n\n')

describe('the questions of the examples', () => {
  it('are about sentences, and not about headings, tables and code', () => {
    const blanks = blanksOf({ name: 'a.md', text })
    expect(new Set(blanks.map(blank => blank.sentence))).toEqual(new Set([unwrapped(sentence)]))
    expect(blanks.map(({ word }) => word)).toEqual(['addressing', 'Content', 'names'])
  })

  it('are answered by a word that stands in their context, which stands in the document', async () => {
    const { rows, model } = await ask(blanksOf({ name: 'a.md', text }))
    expect(model).toEqual({ name: 'extractive-cloze' })
    expect(rows[0]).toMatchObject({ document: 'a.md', context: unwrapped(sentence), answer: 'addressing' })
    expect(rows[0]?.question).toBe('Which word is missing: Content ____ names what a thing is, and never where it is kept.')
    expect(unwrapped(text)).toContain(rows[0]?.context)
  })

  it('are the same each time, with the same vector for the same context', async () => {
    const blanks = blanksOf({ name: 'a.md', text })
    const { rows } = await ask(blanks)
    expect((await ask(blanks)).rows).toEqual(rows)
    expect(rows[1]?.embedding).toEqual(rows[0]?.embedding)
    expect(Math.hypot(...rows[0]?.embedding ?? [])).toBeCloseTo(1, 5)
  })
})
