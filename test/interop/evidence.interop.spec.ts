import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { packBundle } from '../../src/bundle/pack-bundle.ts'
import { evidenceFiles } from '../audit/evidence-vectors.ts'
import { unpack } from '../audit/forge.ts'
import { generateBytes } from '../bundle/unixfs-cases.ts'
import { offlineKubo } from './kubo-binary.ts'
import type { OfflineKubo } from './kubo-binary.ts'

describe('Kubo', () => {
  let kubo: OfflineKubo
  let directory: string

  beforeAll(async () => {
    kubo = await offlineKubo()
    directory = await mkdtemp(join(tmpdir(), 'datanode-evidence-'))
  }, 30 * 60_000)

  afterAll(async () => {
    await kubo[Symbol.asyncDispose]()
    await rm(directory, { recursive: true })
  })

  it.each(evidenceFiles)('imports, lists and reads exported evidence, $name', async ({ file, signer, evidence, payload }) => {
    const car = join(directory, `${payload}.car`)
    await writeFile(car, file)
    await kubo.kubo('dag', 'import', '--pin-roots=false', car)
    const root = (await unpack(file)).root.toString()
    expect((await kubo.kubo('ls', '--offline', '--resolve-type=false', '--size=false', root)).toString()).toContain(evidence)
    const manifest = JSON.parse((await kubo.kubo('cat', '--offline', `${root}/manifest.json`)).toString()) as object
    expect(manifest).toEqual({ format: 'cortensor-bundle', version: '1.0', kind: 'evidence-export', evidence, payload })
    const proof = await kubo.kubo('cat', '--offline', `${root}/proofs/${signer}.tlog-proof`)
    expect(proof.toString()).toMatch(/^c2sp\.org\/tlog-proof@v1\n/)
  })

  it('gives the root of a packed bundle to the same files, and imports its CAR', async () => {
    const files = [{ name: 'in/big.bin', bytes: generateBytes(1, 3_000_000) }, { name: 'in/.hidden', bytes: new Uint8Array() }, { name: 'a.txt', bytes: generateBytes(2, 9) }]
    const source = join(directory, 'source')
    for (const { name, bytes } of files) {
      await mkdir(dirname(join(source, name)), { recursive: true })
      await writeFile(join(source, name), bytes)
    }
    const { cid, car } = await packBundle(files)
    expect((await kubo.kubo('add', '--recursive', '--hidden', '--quieter', '--pin=false', source)).toString().trim()).toBe(cid.toString())
    const path = join(directory, 'packed.car')
    await writeFile(path, Buffer.concat(await Array.fromAsync(car)))
    expect((await kubo.kubo('dag', 'import', '--pin-roots=true', path)).toString()).toContain(cid.toString())
  })
})
