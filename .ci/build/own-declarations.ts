import type { Plugin } from 'rolldown'

/** Refuses a build whose declarations hold types of bundled packages: hosts would have to know those packages. */
export function ownDeclarations (): Plugin {
  return {
    name: 'own-declarations',
    generateBundle (_options, bundle) {
      const foreign = Object.values(bundle).flatMap(output => output.type === 'chunk' && output.fileName.endsWith('.d.ts')
        ? Object.keys(output.modules).filter(id => id.includes('/node_modules/')).map(id => `${output.fileName} holds types of ${id}`)
        : [])
      if (foreign.length > 0) this.error(foreign.join('\n'))
    }
  }
}
