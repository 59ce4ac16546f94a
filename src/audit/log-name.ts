import { formatAuditOrigin, parseAuditOrigin } from '../format/audit-origin.ts'

/** What files about a log are called: its origin as one name. */
export function formatLogName (origin: string): string {
  const { address, repositoryId } = parseAuditOrigin(origin)
  return `${address}-${repositoryId}`
}

/** The origin of a log whose files are called so; undefined when it is the name of something else. */
export function parseLogName (name: string): string | undefined {
  const [address = '', repositoryId = '', ...rest] = name.split('-')
  if (rest.length > 0) return undefined
  try {
    return formatAuditOrigin({ address: address as `0x${string}`, repositoryId })
  } catch {
    return undefined
  }
}
