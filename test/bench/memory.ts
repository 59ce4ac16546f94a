import { readFile, writeFile } from 'node:fs/promises'

/** Resident memory of a process, in MiB. */
export interface Memory {
  nowMiB: number
  /** Since it was last forgotten. */
  peakMiB: number
}

/** Reads what the system knows of a process. */
export async function memoryOf (pid: number): Promise<Memory> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return { nowMiB: mebibytes(status, 'VmRSS'), peakMiB: mebibytes(status, 'VmHWM') }
}

/** From now on the peak is counted anew. */
export async function forgetPeak (pid: number): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5')
}

function mebibytes (status: string, name: string): number {
  const kibibytes = new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]
  if (kibibytes === undefined) throw new Error(`The status of the process has no ${name}`)
  return Number(kibibytes) / 1024
}
