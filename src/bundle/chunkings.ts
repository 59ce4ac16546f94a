import { contentChunking, contentChunksOf } from './content-chunks.ts'
import { pageChunking, pageChunksOf } from './page-chunks.ts'
import type { chunksOf } from './chunks.ts'

/** What cuts the content of files, where the import profile does not, by what a manifest calls it. */
export const chunkings: ReadonlyMap<string, typeof chunksOf> =
  new Map([[contentChunking, contentChunksOf], [pageChunking, pageChunksOf]])
