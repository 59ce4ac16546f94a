import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ChildProcess } from 'node:child_process'

let directory: string
let demo: ChildProcess

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'demo-'))
  // A process group of its own, so that whatever is left of it is seen.
  demo = spawn(process.execPath, ['examples/audit-a-task/index.ts'], {
    env: { ...process.env, TMPDIR: directory }, stdio: ['ignore', 'pipe', 'inherit'], detached: true
  })
})

afterEach(async () => {
  for (const pid of await running(demo.pid!)) process.kill(pid, 'SIGKILL')
  await rm(directory, { recursive: true })
})

describe('the audit of a task', () => {
  it('ends with the right verdicts, what they cost, and what is proven', async () => {
    const exit = once(demo, 'exit')
    const lines = await Array.fromAsync(createInterface(demo.stdout!))
    expect(await exit, lines.join('\n')).toEqual([0, null])
    for (const [miner, verdict] of [['1', 'ok'], ['2', 'ok'], ['3', 'copied'], ['4', 'mismatch']] as const) {
      expect(lines).toContainEqual(expect.stringMatching(`^miner ${miner} +${verdict} `))
    }
    expect(lines).toContainEqual(expect.stringMatching(/^submit +1 +76 +\d{3},\d{3}$/))
    expect(lines).toContainEqual(expect.stringMatching(/^submit the documents, not their URN .* times that$/))
    expect(lines).toContainEqual(expect.stringMatching(/^anchor +proven +anchored no later than block \d+/))
    expect(lines.filter(line => line.includes('flipped')).map(line => /"(\w+)" falls$/.exec(line)?.[1]))
      .toEqual(['result', 'result', 'verdict', 'statement', 'inclusion', 'anchor'])
    expect(lines.at(-1)).toBe('each verdict is the right one, and proven as far as it can be')
    await leavesNothing()
  })

  it('leaves no process and no file behind when it is interrupted', async () => {
    const exit = once(demo, 'exit')
    for await (const line of createInterface(demo.stdout!)) if (line.includes('is killed')) break
    demo.kill('SIGINT')
    expect(await exit).toEqual([130, null])
    await leavesNothing()
  })
})

async function leavesNothing (): Promise<void> {
  await expect.poll(async () => await running(demo.pid!)).toEqual([])
  expect(await readdir(directory)).toEqual([])
}

/** Processes of a group, those left out that have ended and that nobody has asked about. */
async function running (group: number): Promise<number[]> {
  const pids = (await readdir('/proc')).filter(name => /^\d+$/.test(name))
  const found = await Promise.all(pids.map(async pid => {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
    // After the name, which may hold anything: state, parent, group.
    const [state, , of] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return Number(of) === group && state !== 'Z' ? [Number(pid)] : []
  }))
  return found.flat()
}
