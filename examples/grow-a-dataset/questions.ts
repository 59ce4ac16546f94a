// The work of a miner: questions out of sentences, each answered by a word that stands in its sentence. By default the word is
// left out, and the question is which it was; with INFERENCE_URL set, a model asks for it.
import { createHash } from 'node:crypto'
import { infer } from '../support/infer.ts'
import type { Inference } from '../support/infer.ts'

/** A document by its name. */
export interface Document { name: string, text: string }

/** A word of a document, to be asked for. */
export interface Blank { document: string, sentence: string, word: string }

/** What a row says. */
export interface Question { question: string, answer: string, document: string, context: string }

/** A row of the dataset. */
export type Row = Question & { embedding: number[] }

/** How long a sentence is that something can be asked about. */
const characters = { min: 40, max: 400 }
const blanksPerSentence = 3
const dimensions = 3072

/** Everything that can be asked about a document: the words of a sentence that are rarest in it. */
export function blanksOf ({ name, text }: Document): Blank[] {
  const frequency = new Map<string, number>()
  for (const word of wordsOf(text)) frequency.set(word, (frequency.get(word) ?? 0) + 1)
  return sentencesOf(text).flatMap(sentence => {
    const words = wordsOf(sentence)
    return words
      .filter((word, at) => words.indexOf(word) === at && words.lastIndexOf(word) === at)
      .sort((a, b) => (frequency.get(a) ?? 0) - (frequency.get(b) ?? 0) || b.length - a.length)
      .slice(0, blanksPerSentence)
      .map(word => ({ document: name, sentence, word }))
  })
}

/** Makes a row of each, and says which model did. */
export async function ask (blanks: readonly Blank[]): Promise<{ rows: Row[], model: Inference['model'] }> {
  const rows: Row[] = []
  let model = { name: 'none' }
  for (const { document, sentence, word } of blanks) {
    const prompt = `Write one short question about the text, to which the answer is "${word}". Write nothing else.`
    const cloze = { name: 'extractive-cloze', of: () => `Which word is missing: ${sentence.replace(word, '____')}` }
    const asked = await infer(prompt, [new TextEncoder().encode(sentence)], cloze)
    rows.push({ question: asked.text.trim(), answer: word, document, context: sentence, embedding: embed(sentence) })
    model = asked.model
  }
  return { rows, model }
}

/** A text with one space wherever it has any: how the lines of a document are broken says nothing. */
export function unwrapped (text: string): string {
  return text.replace(/\s+/g, ' ').trim()
}

/** Sentences of prose: what stands in tables, headings and blocks of code is none. */
function sentencesOf (text: string): string[] {
  return text.replace(/^```.*?^```/gms, '\n\n').split(/\n\s*\n|\n(?=[-*] )/)
    .filter(part => !/^[#|<]/.test(part.trim()))
    .flatMap(part => unwrapped(part.replace(/^[-*] /, '')).split(/(?<=[.!?]) (?=[A-Z`])/))
    .filter(({ length }) => length >= characters.min && length <= characters.max)
}

function wordsOf (text: string): string[] {
  return text.match(/\p{L}{5,}/gu) ?? []
}

/** A vector of a text: the sum of those of its words, each drawn from the hash of its word (random indexing). */
function embed (text: string): number[] {
  const sum = new Float64Array(dimensions)
  for (const word of wordsOf(text.toLowerCase())) {
    const drawn = createHash('shake256', { outputLength: dimensions }).update(word).digest()
    for (const [at, byte] of drawn.entries()) sum[at] = (sum[at] ?? 0) + byte - 127.5
  }
  const length = Math.hypot(...sum) || 1
  return Array.from(sum, value => Number((value / length).toFixed(8)))
}
