import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { onCleanup } from './cleanup';

/** A fresh, empty folder (absolute path) that goes with the test file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'hotwire-test-'));
  onCleanup(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
