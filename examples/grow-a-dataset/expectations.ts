// What has to hold when the story is over.
import type { Address } from 'cortensor-datanode'
import type { Miner } from './report.ts'
import type { Affected, Answered, Finding, Held, Published, Reading, Verified } from './start.ts'

/** All that is looked at in the end. */
export interface Outcome {
  publisher: { address: Address }
  miners: readonly (Miner & { isCheat: boolean })[]
  /** Of each run, in the order of the miners. */
  answers: readonly (readonly Answered[])[]
  founded: Published
  grown: Published
  findings: readonly Finding[]
  affected: Affected
  mended: Published
  /** Of each version. */
  held: readonly Held[]
  fromPublisher: Reading
  fromMirror: Reading
  verified: Verified
  repositories: number
}

/** What is smaller comes in a block or two, whatever is read of it. */
const fileBytesMin = 2_000_000
const proofBytesMax = 8192

/** Sentences, and whether they are true. */
export function expectations (outcome: Outcome): Record<string, boolean> {
  return { ...ofGrowing(outcome), ...ofMending(outcome), ...ofReading(outcome) }
}

function ofGrowing ({ answers, founded, grown, miners }: Outcome): Record<string, boolean> {
  const { changes } = grown
  return {
    '1.0.0 has every row of the first run': founded.rows === rowsOf(answers.slice(0, 1)),
    '1.1.0 has those of the second run too': grown.rows === rowsOf(answers),
    'each result is a row group': founded.rowGroups === miners.length && grown.rowGroups === answers.flat().length,
    'between them are new files only': changes?.files.changed.length === 0 && changes.files.removed.length === 0,
    'they have what the second run made': changes?.rows === rowsOf(answers.slice(1)) && changes.rowGroups === miners.length
  }
}

function ofMending ({ miners, answers, findings, affected, mended, held }: Outcome): Record<string, boolean> {
  const cheat = miners.findIndex(({ isCheat }) => isCheat)
  const honest = answers.map(run => run.filter((_, at) => at !== cheat))
  const found = affected.versions.map(({ files }) => files.reduce((sum, { rows = 0 }) => sum + rows, 0))
  const made = answers.map((_, run) => rowsOf(answers.slice(0, run + 1)) - rowsOf(honest.slice(0, run + 1)))
  const [first, second] = held
  return {
    'one result is found to be wrong, and it is of the miner that cheats':
      findings.length === 1 && findings[0]?.origin.miner === miners[cheat]?.address,
    'all that this miner made is found in both versions': found.toSorted().join() === made.toSorted().join(),
    '2.0.0 has every row of the others, and no other one': mended.rows === rowsOf(honest),
    'of a version that has grown the mirror fetches what is new': (second?.bytes ?? Infinity) < (first?.bytes ?? 0) * 1.5
  }
}

function ofReading (outcome: Outcome): Record<string, boolean> {
  const { publisher, miners, findings, mended, fromPublisher, fromMirror, verified, repositories } = outcome
  const { versions, answers, fileBytes, bytesFetched } = fromPublisher
  return {
    'a stranger finds three versions under the name': versions.map(({ version }) => version).join() === '2.0.0,1.1.0,1.0.0',
    'the publisher has signed each of them': versions.every(({ statement }) => statement?.signer === publisher.address),
    'the stranger reads every row of the newest one': answers.length === mended.rows,
    'none of them is what the cheat said': !findings.some(({ example }) => answers.includes(example.answer)),
    'two columns take less than the files': bytesFetched < fileBytes || fileBytes < fileBytesMin,
    'the mirror has the same when it is alone': sameContent(fromPublisher, fromMirror),
    'the proof is of a row that was read': fromMirror.answers[0] === verified.answer,
    'it takes a few KB beside the row': verified.bytes - verified.rowBytes < proofBytesMax,
    'with another bit it is refused': verified.refused === 'ProofMismatchError',
    'every process had a repository of its own': repositories === miners.length + 4
  }
}

function rowsOf (answers: readonly (readonly Answered[])[]): number {
  return answers.flat().reduce((sum, { rows }) => sum + rows, 0)
}

function sameContent (a: Reading, b: Reading): boolean {
  const said = ({ versions, files, answers }: Reading): string => JSON.stringify([versions.map(({ cid }) => cid), files, answers])
  return said(a) === said(b)
}
