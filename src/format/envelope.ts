/**
 * Evidence as one file: a CAR v1 (`car.ts`) of an envelope, a UnixFS directory that links the evidence and says what can be
 * checked about it without asking anybody. Plain IPFS tools list and read it.
 *
 * ```
 * manifest.json                    kind 'evidence-export': the evidence's root, and how much comes with it (manifest.ts)
 * evidence/                        the evidence bundle, linked by its CID
 * statement.json                   the statement of whoever published it (statement.ts)
 * proofs/<address>.tlog-proof      a log has that statement's digest (tlog-proof.ts), by the address of the log's node
 * audit-keys/<address>.json        and that node's word for the key that signs its checkpoints (audit-key.ts): one for each proof
 * anchors.json                     where checkpoints of these proofs were anchored (anchor-receipts.ts)
 * delegations/<wallet>.json        whoever published it speaks for that wallet (delegation.ts); only where one let it speak
 * ```
 *
 * A delegation in the evidence bundle (`delegations/<wallet>.json`) lets a node speak for a miner in the same way, and so its
 * statement counts as the miner's (delegated.ts); each is named by the wallet that signed it.
 *
 * There is nothing else in it. Which blocks are in the file is determined by `payload`, and so is their order: the same envelope
 * is the same bytes.
 *
 * 1. What is needed to check it, depth first, links in their order: all of the envelope but, of the evidence, `artifacts/` and,
 *    of its task and its results, everything that is not their own directory and `manifest.json`.
 * 2. With `outputs` then what of the same walk is not there yet when `output.json` and `outputs/` of the results belong to it;
 *   with
 *    `all` what is not there yet of everything.
 *
 * Every block is there once, named by CIDv1. A block that is left out in one place and needed in another one is there.
 */
import type { ExportPayload } from '../interface/evidence.ts'

/** Which entries of a directory belong to a file, each by a rule of its own: all of them and all below, or some. */
export type EntryRule = 'whole' | { readonly named: Readonly<Record<string, EntryRule | undefined>>, readonly others?: EntryRule }

const task: EntryRule = { named: { 'manifest.json': 'whole' } }

const result: EntryRule = { named: { 'manifest.json': 'whole', 'output.json': 'whole', 'outputs': 'whole' } }

const rules: Readonly<Record<ExportPayload, EntryRule>> = { none: envelope(task), outputs: envelope(result), all: 'whole' }

/** What belongs to an envelope of this payload. */
export function envelopeRule (payload: ExportPayload): EntryRule {
  return rules[payload]
}

/** By which rule an entry belongs to it; undefined when it is left out, with all below. */
export function ruleOfEntry (rule: EntryRule, name: string): EntryRule | undefined {
  if (rule === 'whole') return rule
  return Object.hasOwn(rule.named, name) ? rule.named[name] : rule.others
}

function envelope (ofResult: EntryRule): EntryRule {
  const evidence: EntryRule = { named: { task, results: { named: {}, others: ofResult }, artifacts: undefined }, others: 'whole' }
  return { named: { evidence }, others: 'whole' }
}
