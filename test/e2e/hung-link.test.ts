// Ctrl-C where the far end does not answer: its slave is stopped, so that its pipe is open and silent.
import { encodeValue } from '../../src/domains/address';
import { startBus } from '../support/bus';
import { descendants, isAlive } from '../support/proc';
import { environment, type Running, start } from '../support/process';
import { built, HOTWIRE, HOTWIRE_SLAVE, startSlave } from '../support/slave';
import { waitFor } from '../support/wait';

const STEP = `exec:${encodeValue(process.execPath)} ${encodeValue(HOTWIRE_SLAVE)} --stdio`;
/** With what it takes to end what does not answer: far less than the 25 s that a call may take. */
const LEAVE_PATIENCE_MS = 10_000;

beforeAll(() => built());

/** Starts a pipeline that tells the slave it runs in, which is then stopped. */
async function hung(args: readonly string[], env = environment()): Promise<{ running: Running; slave: number }> {
  const running = start(HOTWIRE, ['run', ...args, "sys sh -c 'echo $PPID; exec sleep 1000'"], { env });
  const slave = Number(/\d+$/.exec(await running.line(/^(.*: )?\d+$/))?.[0]);
  process.kill(slave, 'SIGSTOP');
  return { running, slave };
}

// It took 31 s, and named the domain `:1.0`.
test.each([
  ['without a bus, the slave', [], 'the slave'],
  ['without a bus, a domain', ['-t', STEP], STEP],
])('%s: it is told, the link is cut, status 130', async (_, args, name) => {
  const { running, slave } = await hung(args);
  const below = descendants(slave);
  running.kill('SIGINT');
  const { code, stderr } = await running.exit(LEAVE_PATIENCE_MS);
  expect(stderr).toBe(
    `hotwire: can't cancel the pipeline: ${name} did not answer within 3 s: what runs there ends when its link does\n`,
  );
  expect(code).toBe(130);
  await waitFor(() => !isAlive(slave), 'the end of the slave');
  for (const pid of below.filter(isAlive)) process.kill(pid, 'SIGKILL'); // its slave had no time to
});

test('on a bus: likewise; what ran is ended when the slave goes on', async () => {
  const bus = await startBus();
  const service = await startSlave(bus);
  const { running, slave } = await hung([], environment({ DBUS_SESSION_BUS_ADDRESS: bus.address }));
  expect(slave).toBe(service.pid);
  const below = descendants(slave);
  running.kill('SIGINT');
  const { code, stderr } = await running.exit(LEAVE_PATIENCE_MS);
  expect(stderr).toContain('the slave did not answer within 3 s');
  expect(code).toBe(130);
  process.kill(slave, 'SIGCONT');
  await waitFor(() => !below.some(isAlive), 'the end of the pipeline');
  await service.stop();
  await bus.stop();
});

test('a second one leaves at once', async () => {
  const { running, slave } = await hung(['-t', STEP]);
  const below = descendants(slave);
  running.kill('SIGINT');
  running.kill('SIGTERM'); // another signal: two of the same kind may be one
  const { code, stderr } = await running.exit(LEAVE_PATIENCE_MS);
  expect(stderr).toBe('');
  expect([130, 143]).toContain(code);
  process.kill(slave, 'SIGCONT');
  await waitFor(() => !isAlive(slave) && !below.some(isAlive), 'the end of the slave, which reads that its pipe ended');
});

test('several hosts: those that do not answer are named', async () => {
  const { running, slave } = await hung(['-t', `${STEP}`, '-t', `exec:env ${STEP.slice('exec:'.length)}`]);
  const below = descendants(slave);
  running.kill('SIGINT');
  const { code, stderr } = await running.exit(LEAVE_PATIENCE_MS);
  expect(stderr).toContain('did not answer within 3 s');
  expect(code).toBe(130);
  for (const pid of below.filter(isAlive)) process.kill(pid, 'SIGKILL');
});
