// The fault suite: one file after the other, because each needs the machine for itself, with a line for each scenario.
import base from './jest.config.mjs';

/** @type {import('jest').Config} */
export default {
  ...base,
  roots: ['<rootDir>/test/faults'],
  testMatch: ['**/*.fault.ts'],
  maxWorkers: 1,
  testTimeout: 180_000,
  // A scenario that fails may leave something running; a guardian stops that.
  forceExit: true,
  reporters: ['<rootDir>/test/faults/support/progress.mjs', ['default', { verbose: false }]],
};
