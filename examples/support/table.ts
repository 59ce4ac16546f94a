// A table and a progress bar for a terminal, or for a log.

/** Lines of text, columns aligned. */
export function table (head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((name, i) => Math.max(name.length, ...rows.map(row => row[i]?.length ?? 0)))
  const line = (row: readonly string[]): string => row.map((cell, i) => cell.padEnd(widths[i] ?? 0)).join('  ').trimEnd()
  return ['', line(head), line(widths.map(width => '-'.repeat(width))), ...rows.map(line), ''].join('\n')
}

/** The progress of several fetches as one bar: redrawn on a terminal, a line each quarter elsewhere. */
export function progressBar (names: readonly string[]): { update: (body: unknown) => void, end: () => void } {
  const done = new Map<string, number>()
  let quarters = 0
  const draw = (total: number): void => {
    const sum = names.reduce((all, name) => all + (done.get(name) ?? 0), 0)
    const part = total === 0 ? 1 : Math.min(1, sum / (total * names.length))
    const text = `fetching [${'#'.repeat(Math.round(part * 40)).padEnd(40, '.')}] ${(part * 100).toFixed(0).padStart(3)} %`
    if (process.stdout.isTTY) process.stdout.write(`\r${text}`)
    else if (Math.floor(part * 4) > quarters) console.log(text)
    quarters = Math.max(quarters, Math.floor(part * 4))
  }
  return {
    update: body => {
      const { miner, bytesDone, bytesTotal } = body as { miner: string, bytesDone: number, bytesTotal?: number }
      done.set(miner, bytesDone)
      draw(bytesTotal ?? 0)
    },
    end: () => { if (process.stdout.isTTY) process.stdout.write('\n') }
  }
}
