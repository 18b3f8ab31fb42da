// A short soak: whatever clients do, and however they leave, nothing of them remains. The long one is `npm run bench -- soak`.
import { leftOver } from '../support/remains';
import { soak } from '../support/soak';

const PIPELINES = 600;
const CLIENTS = 60;
const MIB = 1024 * 1024;
/** So much may caches and compiled code still grow in a slave that is some seconds old. */
const MOST_GROWTH = 3 * MIB;

test('of hundreds of pipelines and tens of clients nothing is left', async () => {
  const { pipelines, before, after, memory, stderr } = await soak(PIPELINES, CLIENTS);
  expect(pipelines).toBeGreaterThanOrEqual(PIPELINES);
  expect(leftOver(before, after)).toEqual([]);
  expect(stderr).toBe('');
  const [, second, last] = memory.map(({ heap }) => heap) as [number, number, number];
  expect(last).toBeLessThan(second + MOST_GROWTH);
}, 120_000);
