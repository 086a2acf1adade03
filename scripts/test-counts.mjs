import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** A Jest reporter: leaves what was counted in a file, for whoever has to say it in one line. */
export default class TestCounts {
  constructor({ rootDir }) {
    this.file = join(rootDir, '.ci', 'result.json');
  }

  onRunComplete(_contexts, { numPassedTests: passed, numFailedTests, numRuntimeErrorTestSuites, numPendingTests: skipped }) {
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(this.file, JSON.stringify({ passed, failed: numFailedTests + numRuntimeErrorTestSuites, skipped }));
  }
}
