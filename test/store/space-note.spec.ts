import { expect, test } from 'vitest'
import { decodeSpaceNote, encodeSpaceNote } from '../../src/store/space-note.ts'

test('reads a note as it was written', () => {
  for (const wasClosed of [true, false]) {
    const note = { bytes: 12, files: 3, wasClosed }
    expect(decodeSpaceNote(encodeSpaceNote(note))).toEqual(note)
  }
})

test('takes nothing from a note that it cannot read: then everything is counted', () => {
  for (const text of [undefined, '', '{', 'null', '[]', '{"bytes":1,"files":1}', '{"bytes":-1,"files":1,"wasClosed":true}',
    '{"bytes":1,"files":0.5,"wasClosed":true}', '{"bytes":1,"files":1,"wasClosed":"yes"}', '{"bytes":"1","files":1,"wasClosed":true}']) {
    expect(decodeSpaceNote(text), text).toBeUndefined()
  }
})
