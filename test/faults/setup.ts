import { afterEach, beforeAll } from 'vitest'
import { rounds, seed } from './random.ts'

const unhandled: unknown[] = []

beforeAll(() => {
  console.log(`FAULT_SEED=${seed} FAULT_ROUNDS=${rounds}`)
  process.on('unhandledRejection', note)
  return () => process.off('unhandledRejection', note)
})

afterEach(() => {
  const [first] = unhandled.splice(0)
  if (first !== undefined) throw new Error('a rejection was not handled', { cause: first })
})

function note (reason: unknown): void {
  unhandled.push(reason)
}
