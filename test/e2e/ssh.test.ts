// `hotwire run -H` as a person uses it, on a real sshd. All that can go wrong on the way is in test/domains; here, that it
// reaches the command, whether a slave on the bus is in between or not.
import { type Bus, startBus } from '../support/bus';
import { hotwire, startSlave } from '../support/slave';
import { type HostOptions, Sshd } from '../support/sshd';
import { PATIENCE_MS } from '../support/wait';

const PIPELINE = 'proc -a | filter -i sshd cmd';

let server: Sshd;
let bus: Bus;
let count = 0;

beforeAll(async () => {
  server = await Sshd.start();
  bus = await startBus();
  await startSlave(bus, [], { env: server.environment });
}, 2 * PATIENCE_MS);

async function hostWith(options: HostOptions = {}): Promise<string> {
  count++;
  return (await server.host(`localhost-test${count}`, options)).name;
}

describe.each([['without a bus'], ['by the slave on the bus']])('%s', (how) => {
  const command = (...words: string[]) =>
    hotwire(words, { env: server.environment, ...(how === 'without a bus' ? {} : { bus }) });

  test.each<[string, HostOptions]>([
    ['hotwire installed', { programs: ['node', 'env'] }],
    ['only Node', { programs: ['node'], installed: false }],
    [
      'a profile that prints',
      { shell: `sh -c 'echo Welcome; printf "no line end"; exec sh -c "$SSH_ORIGINAL_COMMAND"'` },
    ],
  ])('%s there: it works, the second time too', async (_, options) => {
    const host = await hostWith(options);
    for (let round = 0; round < 2; round++) {
      const { code, stdout, stderr } = await command('run', '-H', host, PIPELINE);
      expect([code, stderr]).toEqual([0, '']);
      const [first] = stdout.split('\n');
      const found = JSON.parse(first ?? '');
      expect(found).toMatchObject({ cmd: expect.stringMatching(/sshd/i), pid: expect.any(Number) });
      expect(found).not.toHaveProperty('@domain');
    }
  });

  test.each<[string, HostOptions, RegExp]>([
    ['neither there', { programs: [], installed: false }, /neither hotwire nor Node is there: install one of them/],
    ['a refused login', { admitted: false }, /Permission denied/],
    ['a name that no host has', { config: ['HostName nowhere.invalid'] }, /Could not resolve hostname/],
    ['a closed port', { config: ['Port 1'] }, /Connection refused/],
  ])('%s: exit status 3, and the words of ssh or what to do', async (_, options, message) => {
    const { code, stdout, stderr } = await command('run', '-H', await hostWith(options), PIPELINE);
    expect([code, stdout]).toEqual([3, '']);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('two steps, with input', async () => {
    const inner = await hostWith();
    const outer = await hostWith({ environment: { HOTWIRE_SSH: server.ssh } });
    const words = ['run', '-t', `ssh:${outer}/ssh:${inner}`, '--input', 'lines', 'filter o'];
    const env = server.environment;
    const fed = await hotwire(words, { env, input: 'one\nthree\ntwo\n', ...(how === 'without a bus' ? {} : { bus }) });
    expect(fed).toMatchObject({ code: 0, stdout: 'one\ntwo\n', stderr: '' });
  });
});

test('what the slave on the bus has opened stays open, is listed, and can be closed', async () => {
  const env = server.environment;
  const host = await hostWith();
  const address = `ssh:${host}`;
  expect(await hotwire(['run', '-H', host, 'js-eval 6*7'], { bus, env })).toMatchObject({ code: 0, stdout: '42\n' });
  const open = async () => {
    const { stdout } = await hotwire(['domains'], { bus, env });
    const lines = stdout.split('\n').filter((line) => line !== '');
    return lines.map((line) => JSON.parse(line).address);
  };
  expect(await open()).toContain(address);
  server.admitNobody(); // whoever is in, is in
  expect(await hotwire(['run', '-H', host, 'js-eval 6*7'], { bus, env })).toMatchObject({ code: 0, stdout: '42\n' });
  expect(await hotwire(['close', address], { bus, env })).toMatchObject({ code: 0, stderr: '' });
  expect(await open()).not.toContain(address);
  const again = await hotwire(['close', address], { bus, env });
  expect(again).toMatchObject({ code: 1, stderr: expect.stringContaining('it is not open') });
});
