/**
 * Cuts the power of a repository on an ext4 image, again and again, and checks what is found when it comes back. It runs where
 * it may mount, and prints one line of JSON for each cut: `{ cut, acknowledged, lost }`, `lost` being what was wrong.
 *
 * A cut: the writer is stopped, the image is copied as it is, without any sync, and the copy is mounted. What the kernel had not
 * written to the image by then is lost, as with a drive that loses its power.
 *
 * Arguments: a directory on a file system in memory, how many cuts, what is not synced, and the seed.
 */
import { execFileSync, spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { constants, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { Acknowledged } from '../acknowledged.ts'
import { checkRepo } from '../check-repo.ts'
import { Random } from '../random.ts'

const [directory = '', count = '', unsynced = 'none', seed = ''] = process.argv.slice(2)
const cutsOfWriter = 5
const init = { storage: { quota: '1GiB', keepFree: 0 } }
const random = new Random(`power/${unsynced}`)
const template = join(directory, 'empty.img')

execFileSync('truncate', ['-s', '96M', template])
execFileSync('mkfs.ext4', ['-q', '-F', '-m', '0', '-J', 'size=4', template])
for (let cut = 0; cut < Number(count); cut += cutsOfWriter) {
  await cutWriter(cut, Math.min(cutsOfWriter, Number(count) - cut))
}

async function cutWriter (first: number, cuts: number): Promise<void> {
  const image = join(directory, 'disk.img')
  const place = join(directory, 'disk')
  const acknowledgements = join(directory, 'acknowledgements')
  copyFileSync(template, image)
  writeFileSync(acknowledgements, '')
  mount(image, place, `commit=300,noauto_da_alloc,data=${random.pick(['ordered', 'writeback'])}`)
  const writer = await startWriter(join(place, 'repository'), `${seed}/${first}`, acknowledgements)
  const snapshots: { image: string, lines: string[] }[] = []
  try {
    for (let cut = 0; cut < cuts; cut++) {
      await setTimeout(20 + random.next() * 250)
      await stopAll(writer)
      const copy = join(directory, `cut-${cut}.img`)
      copyAtOnce(image, copy)
      snapshots.push({ image: copy, lines: readFileSync(acknowledgements, 'utf8').split('\n') })
      writer.kill('SIGCONT')
    }
  } finally {
    const gone = once(writer, 'exit')
    writer.kill('SIGKILL')
    await gone
    unmount(place)
  }
  for (const [cut, { image, lines }] of snapshots.entries()) await checkCopy(first + cut, image, lines)
}

async function checkCopy (cut: number, image: string, lines: string[]): Promise<void> {
  const acknowledged = new Acknowledged()
  acknowledged.take(lines)
  const place = join(directory, 'after')
  mount(image, place, 'noatime')
  let lost: string | undefined
  try {
    await checkRepo(join(place, 'repository'), { acknowledged: acknowledged.roots, label: `seed ${seed}, cut ${cut}`, init })
  } catch (error) {
    lost = String(error)
  } finally {
    unmount(place)
    rmSync(image)
  }
  process.stdout.write(`${JSON.stringify({ cut, acknowledged: acknowledged.roots.size, lost })}\n`)
}

async function startWriter (repository: string, text: string, acknowledgements: string): Promise<ChildProcess> {
  const program = join(import.meta.dirname, 'store-child.ts')
  const writer = spawn(process.execPath, [program, repository, text, unsynced, acknowledgements], { stdio: ['pipe', 'pipe', 'inherit'] })
  await Promise.race([once(writer.stdout, 'data'), once(writer, 'exit').then(() => { throw new Error('the writer ended') })])
  return writer
}

/** Stops a process, and resolves when none of its threads is in the kernel any more. */
async function stopAll (writer: ChildProcess): Promise<void> {
  if (writer.exitCode !== null) throw new Error(`the writer ended with ${writer.exitCode}`)
  writer.kill('SIGSTOP')
  const tasks = `/proc/${writer.pid ?? 0}/task`
  const isStopped = (task: string): boolean => readFileSync(join(tasks, task, 'stat'), 'utf8').includes(') T ')
  for (let tries = 0; !readdirSync(tasks).every(isStopped); tries++) {
    if (tries > 2000) throw new Error('the writer does not stop')
    await setTimeout(1)
  }
}

/** Copies until nothing was written to the image meanwhile: the power fails for all of it at one moment. */
function copyAtOnce (image: string, copy: string): void {
  for (let tries = 0; tries < 20; tries++) {
    copyFileSync(image, copy, constants.COPYFILE_FICLONE)
    if (readFileSync(image).equals(readFileSync(copy))) return
  }
  throw new Error('the image does not come to rest')
}

function mount (image: string, place: string, options: string): void {
  if (!existsSync(place)) mkdirSync(place)
  execFileSync('mount', ['-t', 'ext4', '-o', `loop,${options}`, image, place])
}

function unmount (place: string): void {
  execFileSync('umount', [place])
}
