import { readFile, realpath, statfs } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { fileSystemType } from '../../src/store/file-system-type.ts'

test('names file systems by their magic numbers', () => {
  const named = [0xEF53, 61267, 16914836, 0x794C7630, 0x6969, 0x65735546].map(fileSystemType)
  expect(named).toEqual(['ext4', 'ext4', 'tmpfs', 'overlay', 'nfs', 'fuse'])
})

test('names a number with a sign as the one without', () => {
  expect([0x9123683E, 0x9123683E | 0].map(fileSystemType)).toEqual(['btrfs', 'btrfs'])
})

test('names what it does not know other', () => {
  expect([0, -1, 0xEF54, NaN, 2 ** 52].map(fileSystemType)).toEqual(['other', 'other', 'other', 'other', 'other'])
})

test.runIf(process.platform === 'linux')('says of what is mounted here what the system says', async () => {
  const named = new Set(['ext4', 'xfs', 'btrfs', 'zfs', 'f2fs', 'overlay', 'tmpfs', '9p', 'squashfs', 'vfat'])
  const mounts = (await readFile('/proc/mounts', 'utf8')).split('\n').map(line => line.split(' '))
  let compared = 0
  for (const [, path = '', type = ''] of mounts) {
    // Later mounts may hide earlier ones, and some may not be entered.
    const isTop = mounts.filter(([, other]) => other === path).length === 1
    if (!named.has(type) || !isTop || await realpath(path).catch(() => '') !== path) continue
    expect(fileSystemType((await statfs(path)).type), path).toBe(type)
    compared++
  }
  expect(compared).toBeGreaterThan(0)
})
