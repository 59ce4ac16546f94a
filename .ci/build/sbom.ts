import { createHash } from 'node:crypto'
import type { ThirdParty } from './third-party.ts'

/** What is described: the package that carries the others. */
export interface Product {
  name: string
  version: string
  license: string
  description: string
}

/**
 * Writes a CycloneDX 1.6 document of the packages that are inside the bundle. Equal input gives equal bytes: there is
 * no time in it, and the serial number comes from its content.
 */
export function formatSbom (product: Product, packages: readonly ThirdParty[]): string {
  const components = packages.map(componentOf)
  const self = {
    type: 'library',
    'bom-ref': purlOf(product),
    name: product.name,
    version: product.version,
    description: product.description,
    licenses: licensesOf(product.license),
    purl: purlOf(product)
  }
  const document = {
    metadata: { lifecycles: [{ phase: 'build' }], component: self },
    components,
    dependencies: [{ ref: self.purl, dependsOn: components.map(({ purl }) => purl) }],
    compositions: [{ aggregate: 'complete', assemblies: [self.purl] }]
  }
  const head = { bomFormat: 'CycloneDX', specVersion: '1.6', serialNumber: serialNumberOf(document), version: 1 }
  return `${JSON.stringify({ $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json', ...head, ...document }, undefined, 2)}\n`
}

function componentOf (thirdParty: ThirdParty) {
  const { name, version, license, homepage, sha512 } = thirdParty
  const [scope, plain] = name.startsWith('@') ? name.split('/') as [string, string] : [undefined, name]
  return {
    type: 'library',
    'bom-ref': purlOf(thirdParty),
    ...(scope === undefined ? {} : { group: scope }),
    name: plain,
    version,
    scope: 'required',
    ...(sha512 === undefined ? {} : { hashes: [{ alg: 'SHA-512', content: sha512 }] }),
    licenses: licensesOf(license),
    purl: purlOf(thirdParty),
    ...(homepage === undefined ? {} : { externalReferences: [{ type: 'website', url: homepage }] })
  }
}

function licensesOf (license: string) {
  return /[ ()]/.test(license) ? [{ expression: license }] : [{ license: { id: license } }]
}

function purlOf ({ name, version }: { name: string, version: string }): string {
  return `pkg:npm/${name.replace('@', '%40')}@${encodeURIComponent(version)}`
}

function serialNumberOf (document: unknown): string {
  const hash = createHash('sha256').update(JSON.stringify(document)).digest('hex')
  return `urn:uuid:${hash.slice(0, 8)}-${hash.slice(8, 12)}-8${hash.slice(13, 16)}-8${hash.slice(17, 20)}-${hash.slice(20, 32)}`
}
