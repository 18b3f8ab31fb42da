// `npm test`: makes the clone and the machine ready, then lint, types and tests, each timed. The last line printed is
// `N passed, N failed[, N skipped]`. With arguments (`npm test -- test/wire`) it runs jest alone, with them.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { provideRequirements } from './requirements.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));
const program = (name) => path.join(root, 'node_modules', '.bin', name);
const jestArguments = process.argv.slice(2);

const environment = { ...process.env };
// Without these no test can reach a bus that somebody uses.
for (const name of ['DBUS_SESSION_BUS_ADDRESS', 'DBUS_SYSTEM_BUS_ADDRESS', 'XDG_RUNTIME_DIR']) delete environment[name];

try {
  if (!step('prepare', process.execPath, [path.join(root, 'scripts', 'prepare.mjs')])) throw new Error('not prepared');
  provideRequirements();
  process.exitCode = runAll() ? 0 : 1;
} catch (error) {
  process.stderr.write(`test: ${error.message}\n`);
  process.exitCode = 1;
  console.log('0 passed, 1 failed');
}

/** Whether everything passed. A failed check does not keep the next from running: one run shows all. */
function runAll() {
  const checks =
    jestArguments.length > 0
      ? []
      : [step('biome', program('biome'), ['ci', '--colors=off', '.']), step('tsc', program('tsc'), [])];
  return [...checks, jest()].every(Boolean);
}

function jest() {
  const folder = mkdtempSync(path.join(tmpdir(), 'hotwire-jest-'));
  try {
    const file = path.join(folder, 'result.json');
    const ended = step('jest', program('jest'), ['--ci', '--json', `--outputFile=${file}`, ...jestArguments]);
    const { passed, failed, skipped } = countsOf(file);
    if (passed === 0) process.stderr.write('test: no test passed: nothing was run?\n');
    // Jest may also fail as a whole (its settings, no test found): then there is one failure at least.
    const failures = failed || Number(!ended || passed === 0);
    console.log(`${passed} passed, ${failures} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
    return failures === 0;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Counts of jest's own result. A test file that could not be run counts as one failed test. */
function countsOf(file) {
  if (!existsSync(file)) return { passed: 0, failed: 0, skipped: 0 };
  const result = JSON.parse(readFileSync(file, 'utf8'));
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}

/** Runs one step in the clone; whether it passed. */
function step(name, file, args) {
  const start = performance.now();
  // stdout goes to stderr: the only line on stdout is the last one.
  const { error, status } = spawnSync(file, args, { cwd: root, env: environment, stdio: ['ignore', 2, 2] });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const passed = !error && status === 0;
  process.stderr.write(`${name}: ${passed ? 'passed' : `FAILED (${error?.message ?? status})`} in ${seconds} s\n`);
  return passed;
}
