// The documents that the story is about: the reader's own, or those of this project.
import { isUtf8 } from 'node:buffer'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { blanksOf } from './questions.ts'
import type { Document } from './questions.ts'

const ours = ['README.md', 'SECURITY.md', 'CHANGELOG.md', 'LICENSE']

/** Reads documents about which at least so many questions can be asked. When that cannot be, the program ends with advice. */
export async function documentsOf (paths: readonly string[], questions: number): Promise<Document[]> {
  try {
    return await readDocuments(paths, questions)
  } catch (error) {
    console.error((error as Error).message)
    return process.exit(1)
  }
}

async function readDocuments (paths: readonly string[], questions: number): Promise<Document[]> {
  const documents = await Promise.all((paths.length > 0 ? paths : ours).map(readDocument))
  const names = documents.map(({ name }) => name)
  const twice = names.find((name, at) => names.indexOf(name) !== at)
  if (twice !== undefined) throw new Error(`two documents are called ${twice}: rename one of them`)
  const found = documents.flatMap(blanksOf).length
  if (found < questions) throw new Error(`there are sentences for ${found} questions in ${names.join(', ')}, and it takes ${questions}: name longer texts, or more`)
  return documents
}

async function readDocument (path: string): Promise<Document> {
  const bytes = await readFile(path).catch((error: unknown) => {
    const { code } = error as NodeJS.ErrnoException
    throw new Error(`${path} cannot be read (${code ?? String(error)}): name files with text, or none for those of this project`, { cause: error })
  })
  if (!isUtf8(bytes)) throw new Error(`${path} is no text in UTF-8: convert it, or name another file`)
  return { name: basename(path), text: bytes.toString() }
}
