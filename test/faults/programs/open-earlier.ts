/** Opens the repository of its first argument for the address of its second one, over and over, until it is killed or its parent ends. */
import { openStore } from '../../../src/store/store.ts'
import type { Address } from '../../../src/interface/primitives.ts'

const [path = '', address = ''] = process.argv.slice(2)
process.stdin.on('end', () => process.exit()).resume()
process.stdout.write('started\n')
for (;;) {
  const store = await openStore({ path, address: address as Address, storage: { keepFree: 0 } })
  await store.close()
}
