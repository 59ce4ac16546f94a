import { expect, test } from 'vitest'
import { croissantContext } from '../../src/dataset/croissant-context.ts'

test('has every term that the validator of Croissant 1.1 expects, and PROV-O', () => {
  const expected = ['@language', '@vocab', 'arrayShape', 'citeAs', 'column', 'conformsTo', 'containedIn', 'cr', 'rai', 'data', 'dataType', 'dct', 'description',
    'equivalentProperty', 'examples', 'extract', 'field', 'fileProperty', 'fileObject', 'fileSet', 'format', 'includes', 'isArray', 'isLiveDataset', 'jsonPath',
    'key', 'md5', 'name', 'parentField', 'path', 'recordSet', 'references', 'regex', 'repeated', 'replace', 'samplingRate', 'sc', 'separator', 'source', 'subField',
    'transform']
  expect(Object.keys(croissantContext)).toEqual(expect.arrayContaining([...expected, 'prov']))
})
