import { defineConfig, globalIgnores } from 'eslint/config'
import tseslint from 'typescript-eslint'

function lineLength (code) {
  return ['error', { code, ignoreUrls: true, ignoreStrings: true, ignoreTemplateLiterals: true, ignoreRegExpLiterals: true }]
}

/** No prettier: a few rules keep the text even, and the rest is taste. */
const layout = {
  'semi': ['error', 'never'],
  'quotes': ['error', 'single', { avoidEscape: true, allowTemplateLiterals: true }],
  'max-len': lineLength(130),
  'no-trailing-spaces': 'error',
  'eol-last': 'error',
  'no-tabs': 'error',
  'no-multiple-empty-lines': ['error', { max: 1, maxBOF: 0, maxEOF: 0 }],
  'comma-dangle': ['error', 'never'],
  'space-before-function-paren': ['error', 'always']
}

/** Its text form is what is meant wherever one is written into a string. */
const cid = { from: 'package', package: 'multiformats', name: 'CID' }

const noDefaultExport = {
  selector: 'ExportDefaultDeclaration',
  message: 'Name what is exported: a default export has another name in every file that imports it.'
}

export default defineConfig(
  globalIgnores(['dist', 'docs', 'coverage', '**/generated/**']),
  {
    files: ['**/*.ts', '**/*.js'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' },
    rules: {
      ...layout,
      'eqeqeq': ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      '@typescript-eslint/no-floating-promises': ['error', { checkThenables: true }],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'separate-type-imports' }],
      // A promise that is rejected, and never a throw, is what an async function without an await is for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-empty-function': ['error', { allow: ['arrowFunctions'] }],
      // There are no enums: tsconfig's erasableSyntaxOnly forbids them.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      // It asks for what no-non-null-assertion forbids.
      '@typescript-eslint/non-nullable-type-assertion-style': 'off',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true, ignoreVoidReturningFunctions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allow: [cid] }],
      // `Bundle<EvidenceManifest>` under a name of its own is documentation, not noise.
      '@typescript-eslint/no-empty-object-type': ['error', { allowInterfaces: 'with-single-extends' }],
      // tsconfig's noPropertyAccessFromIndexSignature asks for the brackets.
      '@typescript-eslint/dot-notation': ['error', { allowIndexSignaturePropertyAccess: true }]
    }
  },
  {
    files: ['**/*.js'],
    extends: [tseslint.configs.disableTypeChecked]
  },
  {
    files: ['src/**/*.ts'],
    rules: {
      'max-lines': ['error', { max: 250, skipBlankLines: false, skipComments: false }],
      'max-lines-per-function': ['error', { max: 50 }],
      'no-restricted-syntax': ['error', noDefaultExport],
      '@typescript-eslint/explicit-module-boundary-types': 'error'
    }
  },
  {
    // Lists: everything of its kind is in one place.
    files: ['src/errors.ts', 'src/limits.ts', 'src/interface/data-node.ts'],
    rules: {
      'max-lines': 'off'
    }
  },
  {
    files: ['test/**', 'examples/**', '.ci/**', '*.config.*'],
    rules: {
      'no-console': 'off'
    }
  },
  {
    files: ['test/**'],
    rules: {
      'max-len': lineLength(150),
      '@typescript-eslint/no-non-null-assertion': 'off',
      // A test gives its own stand-in where a class is expected.
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      // `expect(spied.method)` never calls it.
      '@typescript-eslint/unbound-method': 'off'
    }
  }
)
