import { readFileSync } from 'node:fs'

const tsconfig = JSON.parse(readFileSync(new URL('./tsconfig.json', import.meta.url), 'utf8'))

/** Node 24 runs the tests (npm puts node_modules/.bin first on the path), as it runs the bundle. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts'],
  testMatch: ['<rootDir>/__tests__/**/*.test.ts'],
  transform: {
    '^.+\\.ts$': [
      'ts-jest',
      {
        useESM: true,
        diagnostics: false,
        tsconfig: {
          ...tsconfig.compilerOptions,
          rewriteRelativeImportExtensions: false,
          allowImportingTsExtensions: true,
          noEmit: false,
        },
      },
    ],
  },
  // Native modules to Node 24, which strips their types itself.
  globalSetup: '<rootDir>/test-support/jest/start-kafka.ts',
  globalTeardown: '<rootDir>/test-support/jest/stop-kafka.ts',
  setupFilesAfterEnv: ['<rootDir>/test-support/jest/clear-topics.ts'],
  // One broker serves all files, and each of them begins with an empty one.
  maxWorkers: 1,
  modulePathIgnorePatterns: ['<rootDir>/dist/'],
  testTimeout: 60_000,
  // Tests that run side by side start a process each; more of them keep the stand-in waiting.
  maxConcurrency: 3,
}
