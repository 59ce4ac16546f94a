import { expect, it } from 'vitest'
import { sessionTable } from '../../src/audit/session-table.ts'
import { miner } from './fixtures.ts'

it('has a line for each miner of each task, and what went wrong below', () => {
  const table = sessionTable({
    session: { chainId: '1', queue: miner(0xcc), sessionId: '7' }, problems: ['no\nchain'],
    tasks: [{
      taskId: '0', data: 'x', createdAt: '0', ended: true, agreements: [{ content: '0x', miners: [miner(1), miner(2)] }],
      miners: [{ miner: miner(1), assignedAt: '60', revealed: true, missed: ['acknowledge'], verdict: 'ok' }, { miner: miner(3), revealed: false, missed: [] }]
    }, { taskId: '1|', data: 'x', createdAt: '0', ended: false, miners: [], problem: 'gone' }]
  })
  expect(table.split('\n')).toEqual([
    `# Session 7 of ${miner(0xcc)} on chain 1`, '',
    '| task | miner | assigned | acknowledged | precommitted | committed | revealed | missed | verdict | agrees with |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    `| 0 | ${miner(1)} | 1970-01-01T00:01:00Z |  |  |  | yes | acknowledge | ok | ${miner(2)} |`,
    `| 0 | ${miner(3)} |  |  |  |  | no |  |  |  |`,
    '| 1\\| | nobody was assigned |  |  |  |  |  |  |  |  |', '',
    '- no chain', '- Task 1| was not judged: gone', ''
  ])
})
