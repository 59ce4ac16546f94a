import { checkSources } from './source-shape.ts'
import type { FileSource } from '../interface/source.ts'

/**
 * The same files in a folder of the bundle, so that none can take the place of a file that its kind has.
 *
 * @throws {@link InvalidArgumentError}, {@link InvalidNameError} for what is not a file with a name
 */
export function filesBelow (folder: string, files: readonly FileSource[] = []): FileSource[] {
  checkSources(files)
  return files.map(file => ({ ...file, name: `${folder}/${file.name}` }))
}
