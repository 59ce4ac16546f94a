import type { Plugin } from 'rolldown'

const code = "import { ClassicLevel } from 'classic-level'\nexport const Level = ClassicLevel\n"

/**
 * Reads `level` as the module that it could be. It is a line of CommonJS that requires `classic-level`, and the one reason for a
 * bundle that asks Node.js for `createRequire`: in the chunk that browsers load too.
 */
export function levelModule (): Plugin {
  return {
    name: 'level-module',
    load (id) {
      return /[\\/]node_modules[\\/]level[\\/]index\.js$/.test(id) ? code : null
    }
  }
}
