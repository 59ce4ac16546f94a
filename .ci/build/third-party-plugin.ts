import { formatNotices } from './notices.ts'
import { formatSbom } from './sbom.ts'
import { thirdPartyOf } from './third-party.ts'
import type { Product } from './sbom.ts'
import type { Plugin } from 'rolldown'

/** Emits the licence texts and the bill of materials of everything that went into the bundle. */
export function thirdParty (root: string, product: Product): Plugin {
  return {
    name: 'third-party',
    generateBundle (_options, bundle) {
      const chunks = Object.values(bundle).filter(output => output.type === 'chunk')
      const modules = chunks.filter(({ fileName }) => fileName.endsWith('.js')).flatMap(({ modules }) => Object.keys(modules))
      const packages = thirdPartyOf(root, modules)
      this.emitFile({ type: 'asset', fileName: 'THIRD-PARTY-NOTICES.txt', source: formatNotices(product.name, packages) })
      this.emitFile({ type: 'asset', fileName: 'sbom.cdx.json', source: formatSbom(product, packages) })
    }
  }
}
