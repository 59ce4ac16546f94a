/** Media types by the end of a name, as readers of Croissant know them: of Parquet that is not the one registered at IANA. */
const mediaTypes: Readonly<Record<string, string>> = {
  csv: 'text/csv',
  gz: 'application/gzip',
  jpeg: 'image/jpeg',
  jpg: 'image/jpeg',
  json: 'application/json',
  jsonl: 'application/jsonlines',
  md: 'text/markdown',
  mp3: 'audio/mpeg',
  mp4: 'video/mp4',
  ndjson: 'application/jsonlines',
  parquet: 'application/x-parquet',
  pdf: 'application/pdf',
  png: 'image/png',
  tsv: 'text/tab-separated-values',
  txt: 'text/plain',
  wav: 'audio/wav',
  zip: 'application/zip'
}

/** The end of a file's name in lower case; empty where it has none. */
export function extensionOf (path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  const dot = name.lastIndexOf('.')
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase()
}

/** The media type of files whose names end so. */
export function mediaTypeOf (extension: string): string {
  return Object.hasOwn(mediaTypes, extension) ? mediaTypes[extension] ?? '' : 'application/octet-stream'
}
