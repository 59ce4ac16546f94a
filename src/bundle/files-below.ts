import { checkSources } from './source-shape.ts'
import type { FileSource } from '../interface/source.ts'

/**
 * The same files in a folder of the bundle, so that none can take the place of a file that its kind has.
 *
 * @throws {@link LimitExceededError} when there are more than `countMax`, by default as many as a bundle may have
 * @throws {@link InvalidArgumentError}, {@link InvalidNameError} for what is not a file with a name
 */
export function filesBelow (folder: string, files: readonly FileSource[] = [], countMax?: number): FileSource[] {
  checkSources(files, countMax)
  return files.map(file => ({ ...file, name: `${folder}/${file.name}` }))
}
