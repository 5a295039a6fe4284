import js from '@eslint/js'
import ts from 'typescript-eslint'

const noConsole = { 'no-console': 'error' }

export default ts.config(
  { ignores: ['dist/', 'node_modules/', 'coverage/'] },
  js.configs.recommended,
  ...ts.configs.strict,
  {
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', Buffer: 'readonly', URL: 'readonly' },
    },
    rules: {
      eqeqeq: 'error',
      'max-lines': ['error', { max: 400, skipBlankLines: false, skipComments: false }],
      'max-params': ['error', 3],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/no-non-null-assertion': 'error',
      // 0 and \u001f are what text from strangers is cleaned of.
      'no-control-regex': 'off',
    },
  },
  { files: ['src/**'], rules: noConsole },
  {
    // The core decides and never acts: what it may import is what keeps it testable without doubles.
    files: ['src/core/**'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['pg', 'kafkajs', '@actions/*', 'node:*', '../*'],
              message: 'src/core imports only src/core.',
            },
          ],
        },
      ],
      'no-restricted-globals': ['error', 'process', 'setTimeout', 'setInterval', 'fetch'],
    },
  },
  {
    files: ['src/*.ts'],
    ignores: ['src/main.ts', 'src/index.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['pg', 'kafkajs', '@actions/*'],
              message: 'Only src/adapters talks to the outside.',
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/**'],
    ignores: [
      ...['src/inputs.ts', 'src/main.ts', 'src/after-job.ts', 'src/index.ts'],
      'src/adapters/github.ts',
    ],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'src/inputs.ts reads the environment.' },
      ],
    },
  },
  {
    // Transactions in tests and protocol code index into what they have just measured.
    files: ['__tests__/**', 'test-support/**', 'bench/**'],
    rules: { '@typescript-eslint/no-non-null-assertion': 'off' },
  },
)
