/**
 * Ends a test run with what continuous integration and people look for: every skipped test by name (its name says why), and
 * one line `N passed, N failed, N skipped`. Errors outside tests count as failures.
 */
import type { Reporter, TestModule } from 'vitest/node';

export class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandledErrors: readonly unknown[]): void {
    const counts = { passed: 0, failed: unhandledErrors.length, skipped: 0 };
    const skipped: string[] = [];
    for (const module of modules) {
      if ([...module.children.allTests()].length === 0) {
        // A file that could not be loaded, or one whose fixtures are missing and which therefore has suites without tests.
        if (module.state() === 'failed') counts.failed++;
        for (const suite of module.children.suites()) {
          counts.skipped++;
          skipped.push(`${module.relativeModuleId}: ${suite.name}`);
        }
      }
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed' || state === 'failed') counts[state]++;
        else {
          counts.skipped++;
          skipped.push(`${module.relativeModuleId}: ${test.fullName}`);
        }
      }
    }
    if (skipped.length > 0) console.log(`\nSkipped:\n${skipped.map((name) => `  ${name}`).join('\n')}`);
    console.log(`\n${counts.passed} passed, ${counts.failed} failed, ${counts.skipped} skipped`);
  }
}
