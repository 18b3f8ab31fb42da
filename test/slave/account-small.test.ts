// Settings under which more pipelines may run than there may be at all: the smaller number counts.
import { configure } from '../../src/settings';
import { serveClients } from './support';

configure({ maxPipelinesPerOwner: 2, maxRunningPerOwner: 10, maxPipelinesPerUser: 3, maxRunningPerUser: 10 });

const SLEEP = 'sys sleep 100';

test('of one client, and of all clients of a user', async () => {
  const { run } = await serveClients();
  await run(':1.1', SLEEP);
  await run(':1.1', SLEEP);
  await expect(run(':1.1', SLEEP)).rejects.toMatchObject({
    kind: 'LimitExceeded',
    message: expect.stringMatching(/at most 2: setting maxPipelinesPerOwner/),
  });
  await run(':1.2', SLEEP);
  await expect(run(':1.2', SLEEP)).rejects.toMatchObject({
    kind: 'LimitExceeded',
    message: expect.stringMatching(/at most 3 .*setting maxPipelinesPerUser/),
  });
});
