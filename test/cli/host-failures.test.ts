// The exit status of a command that some hosts failed.
import { sharedStatus } from '../../src/cli/host-failures';

test.each([
  [[], 0],
  [[0, 0], 0],
  [[0, 3, 3], 3],
  [[3, 2, 0], 1],
])('statuses %j are %d', (statuses, status) => {
  expect(sharedStatus(statuses)).toBe(status);
});
