import { CID } from 'multiformats/cid'
import { encodeCarHeader, encodeCarSectionHead } from '../../src/format/car-sections.ts'
import { DagWalk } from '../../src/format/dag-walk.ts'
import { RequestReader } from '../../src/format/message-reader.ts'
import { encodeEnd, encodeHeader } from '../../src/format/messages.ts'
import { concat } from '../../src/format/protobuf.ts'
import { dagOf } from '../format/dags.ts'
import { data } from '../transfer/support.ts'
import { ended } from './adversary.ts'
import type { DagRequest } from '../../src/format/messages.ts'
import type { TestDag } from '../bundle/dags.ts'
import type { Block, Dag } from '../format/dags.ts'
import type { HostileHandler } from './adversary.ts'

/** Serves a DAG by the rules, whatever it is made of: as far as it is one. */
export function servesDag (dag: TestDag): HostileHandler {
  return async (stream) => {
    const requests = new RequestReader()
    stream.addEventListener('message', ({ data: bytes }) => {
      for (const request of requests.push(bytes.subarray())) {
        stream.send(encodeHeader({ status: 'ok', access: 'anyone' }))
        stream.send(concat([data(encodeCarHeader(request.root)), ...sectionsOf(dag, request).map(section => data(section)), encodeEnd('ok')]))
      }
    })
    await ended(stream)
  }
}

/** All its blocks, with the root in front. */
export function wholeDag ({ blocks }: TestDag, root: CID): Dag {
  const all = [...blocks].map(([text, bytes]): Block => ({ cid: CID.parse(text), bytes }))
  const first = all.find(({ cid }) => cid.equals(root))
  if (first === undefined) throw new Error('A DAG has no root')
  return dagOf(first, all)
}

/** What the walk cannot follow any more is not sent. */
function sectionsOf (dag: TestDag, request: DagRequest): Uint8Array[] {
  const walk = new DagWalk(request.root, request)
  const sections: Uint8Array[] = []
  try {
    for (let step = walk.next(); step !== undefined; step = walk.next()) {
      const bytes = dag.blocks.get(step.cid.toString()) ?? new Uint8Array()
      if (step.wanted) sections.push(concat([encodeCarSectionHead(step.cid, bytes.length), bytes]))
      walk.supply(bytes)
    }
  } catch {
    return sections
  }
  return sections
}
