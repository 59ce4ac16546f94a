/**
 * Foreign text in messages and logs: in JSON quotes, cut to a length, with nothing that could move the cursor, end the
 * line or turn the reading direction.
 */

const quoteCharactersMax = 80

/** Quotes text from outside for a message. Text that is longer, by default than 80 characters, is cut, and its length is said. */
export function quote (text: string, charactersMax: number = quoteCharactersMax): string {
  if (text.length <= charactersMax) {
    return escapeInvisible(JSON.stringify(text))
  }
  return `${escapeInvisible(JSON.stringify(text.slice(0, charactersMax)))}… (${text.length} characters)`
}

/** C1 controls and the characters that change the direction of text: JSON leaves them as they are. */
function escapeInvisible (json: string): string {
  return json.replace(/[\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g, (character) =>
    `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`)
}
