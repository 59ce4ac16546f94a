// The work of a miner. By default an extractive summary: the sentences with the most frequent words, in their order.
// With INFERENCE_URL set, an OpenAI-compatible server is asked instead.
import { isUtf8 } from 'node:buffer'

/** What came out, and of which model. */
export interface Inference { text: string, model: { name: string } }

/** What is done where there is no model: something that a program finds in the text. */
export interface Extraction { name: string, of: (text: string) => string }

const summary: Extraction = { name: 'extractive-summary', of: text => summarise(text, 3) }

/** Answers the prompt about the documents. Those that are not text are left out. */
export async function infer (
  prompt: string, documents: readonly Uint8Array[], extraction: Extraction = summary
): Promise<Inference> {
  const texts = documents.flatMap(bytes => isUtf8(bytes) ? [new TextDecoder().decode(bytes)] : [])
  const url = process.env['INFERENCE_URL']
  return url === undefined
    ? { text: extraction.of(texts.join('\n\n')), model: { name: extraction.name } }
    : await complete(url, [prompt, ...texts].join('\n\n'))
}

async function complete (url: string, prompt: string): Promise<Inference> {
  const response = await fetch(new URL('/v1/completions', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ prompt, max_tokens: 256, temperature: 0 }),
    signal: AbortSignal.timeout(120_000)
  })
  if (!response.ok) throw new Error(`${url} answered ${response.status} ${response.statusText}`)
  const { choices, model } = await response.json() as { choices: { text: string }[], model?: string }
  return { text: choices[0]?.text ?? '', model: { name: model ?? url } }
}

function summarise (text: string, sentences: number): string {
  const words = (part: string): string[] => part.toLowerCase().match(/[a-z]{4,}/g) ?? []
  const frequency = new Map<string, number>()
  for (const word of words(text)) frequency.set(word, (frequency.get(word) ?? 0) + 1)
  const score = (sentence: string): number => {
    const found = words(sentence)
    return found.reduce((sum, word) => sum + (frequency.get(word) ?? 0), 0) / (found.length + 5)
  }
  if (text === '') return 'There is no text in the documents.'
  return text.replace(/\s+/g, ' ').split(/(?<=[.!?]) /)
    .map((sentence, index) => ({ sentence, index, score: score(sentence) }))
    .filter(({ sentence }) => sentence.length < 500)
    .sort((a, b) => b.score - a.score || a.index - b.index)
    .slice(0, sentences)
    .sort((a, b) => a.index - b.index)
    .map(({ sentence }) => sentence)
    .join(' ')
}
