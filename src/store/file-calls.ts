/**
 * What `node:fs` does with files, by their descriptors. A handle of `node:fs/promises` takes twice the memory, and gives it back
 * only when the heap is looked through: of a hundred thousand small files that is much. Whoever opens a file closes it.
 */
import * as fs from 'node:fs'
import { promisify } from 'node:util'

/** Calls of `node:fs` that are waited for. */
interface FileCalls {
  open: typeof fs.open.__promisify__
  close: typeof fs.close.__promisify__
  fstat: typeof fs.fstat.__promisify__
  lstat: typeof fs.lstat.__promisify__
  stat: typeof fs.stat.__promisify__
  read: typeof fs.read.__promisify__
  write: typeof fs.write.__promisify__
  writev: typeof fs.writev.__promisify__
  fsync: typeof fs.fsync.__promisify__
  rename: typeof fs.rename.__promisify__
}

export const fileCalls: FileCalls = {
  open: promisify(fs.open),
  close: promisify(fs.close),
  fstat: promisify(fs.fstat),
  lstat: promisify(fs.lstat),
  stat: promisify(fs.stat),
  read: promisify(fs.read),
  write: promisify(fs.write),
  writev: promisify(fs.writev),
  fsync: promisify(fs.fsync),
  rename: promisify(fs.rename)
}
