import { timeText } from './time-text.ts'
import type { Uint256 } from '../interface/primitives.ts'
import type { MinerConduct, SessionReport, TaskConduct } from '../interface/session-audit.ts'

const columns: readonly string[] = ['task', 'miner', 'assigned', 'acknowledged', 'precommitted', 'committed', 'revealed', 'missed', 'verdict', 'agrees with']

/** The report of a session as people read it: a table in Markdown, a line for each miner of each task. */
export function sessionTable ({ session: { chainId, queue, sessionId }, tasks, problems }: SessionReport): string {
  const rows = tasks.flatMap(task => task.miners.length === 0 ? [[task.taskId, 'nobody was assigned']] : task.miners.map(miner => rowOf(task, miner)))
  return [
    `# Session ${sessionId} of ${queue} on chain ${chainId}`, '',
    row(columns), row(columns.map(() => '---')), ...rows.map(row), '',
    ...[...problems, ...tasks.flatMap(({ taskId, problem }) => problem === undefined ? [] : [`Task ${taskId} was not judged: ${problem}`])]
      .map(problem => `- ${oneLine(problem)}`), ''
  ].join('\n')
}

function rowOf ({ taskId, agreements = [] }: TaskConduct, conduct: MinerConduct): string[] {
  const { miner, assignedAt, acknowledgedAt, precommittedAt, committedAt, revealed, missed, verdict = '' } = conduct
  const group = agreements.find(({ miners }) => miners.includes(miner))?.miners ?? []
  const times = [assignedAt, acknowledgedAt, precommittedAt, committedAt].map(shown)
  return [taskId, miner, ...times, revealed ? 'yes' : 'no', missed.join(', '), verdict, group.filter(other => other !== miner).join(', ')]
}

function shown (time: Uint256 | undefined): string {
  return time === undefined ? '' : timeText(time)
}

function row (cells: readonly string[]): string {
  return `| ${columns.map((_, at) => oneLine(cells[at] ?? '').replaceAll('|', '\\|')).join(' | ')} |`
}

/** What a chain gives is text of any kind. */
function oneLine (text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
}
