/** Opens the repository of its first argument, and stores bundles until it is killed or its parent ends. Prints what was acknowledged. */
import { openStore } from '../../src/store/store.ts'
import { address, largeDag, recordOf, smallDag } from './dags.ts'

const [path = '', seed = '', work = 'store'] = process.argv.slice(2)
process.stdin.on('end', () => process.exit()).resume()
const store = await openStore({ path, address })
process.stdout.write(`open ${process.pid}\n`)
for (let n = 0; work === 'store'; n++) {
  const dag = n % 3 === 2 ? largeDag(`${seed}/${n}`, 5, 250_000) : smallDag(`${seed}/${n}`)
  await using staging = store.stage()
  for (const { cid, bytes } of dag.blocks) await staging.put(cid, bytes)
  await staging.commit(recordOf(dag.root))
  process.stdout.write(`stored ${n}\n`)
  if (n % 2 === 0) {
    await store.update(dag.root, { embargoed: true })
    process.stdout.write(`changed ${n}\n`)
  }
}
