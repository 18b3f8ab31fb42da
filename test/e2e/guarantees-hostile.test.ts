// DESIGN section 4: "nothing that a peer can send ends or wedges the slave". Peers that are not ours: GDBus for what a
// library lets through, raw bytes for what it does not.
import path from 'node:path';
import { INTERFACE, METHODS, type MethodName, signatureOf } from '../../src/contract';
import { ERRORS } from '../../src/errors';
import { type Bus, startBus } from '../support/bus';
import { GdbusClient } from '../support/gdbus-client';
import { type Running, run } from '../support/process';
import { HOTWIRE_SLAVE, startSlave } from '../support/slave';

const RAW_PEER = path.join(__dirname, '..', 'support', 'python', 'raw_peer.py');
const PROPERTIES = 'org.freedesktop.DBus.Properties';
const SEEDS = [1, 2, 3];
const SCRAMBLED = 300;
const CALLS = 5000;

let bus: Bus;
let slave: Running;
let client: GdbusClient;

beforeAll(async () => {
  bus = await startBus();
  slave = await startSlave(bus);
  client = await GdbusClient.connect(bus);
});

afterEach(async () => {
  const [context] = await client.call('GetContext');
  expect(context).toMatchObject({ pid: slave.pid });
});

interface Outcome {
  answers: Record<string, number>;
  closed: boolean;
  alive: boolean;
}

/** Lets a raw peer send what `args` name. */
async function rawPeer(...args: string[]): Promise<Outcome> {
  const { code, stdout, stderr } = await run('/usr/bin/python3', [RAW_PEER, ...args]);
  expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
  return JSON.parse(stdout) as Outcome;
}

const CASES = [
  'array longer than the body',
  'array that ends within an entry',
  'array over the limit',
  'variant without a value',
  'variant whose signature is cut',
  'variant of an unfinished type',
  'string longer than the body',
  'string without its end',
  'string with a NUL',
  'string that is not UTF-8',
  'string with a lone surrogate',
  'object path that is none',
  'nothing where arguments are due',
  'more than the signature says',
];

describe('bodies that are none', () => {
  test.each(CASES)('on a bus: %s', async (what) => {
    // The bus itself looks into bodies and cuts off such a sender; the slave must not so much as notice.
    const outcome = await rawPeer('bus', bus.address.replace(/^unix:path=|,.*$/g, ''), what);
    expect(outcome).toEqual({ answers: {}, closed: true, alive: false });
  });

  test.each(CASES)('to the slave itself: %s', async (what) => {
    const { answers, closed, alive } = await rawPeer('stdio', HOTWIRE_SLAVE, what);
    expect({ closed, alive }).toEqual({ closed: false, alive: true });
    expect(Object.keys(answers)).toEqual([ERRORS.InvalidArgs.busName]);
  });

  test.each(SEEDS)('to the slave itself: random bytes, seed %d', async (seed) => {
    const { answers, closed, alive } = await rawPeer('stdio', HOTWIRE_SLAVE, 'scrambled', `${seed}`, `${SCRAMBLED}`);
    expect({ closed, alive }).toEqual({ closed: false, alive: true });
    expect(Object.values(answers).reduce((sum, count) => sum + count, 0)).toBe(SCRAMBLED);
    expect(answers[ERRORS.Failed.busName]).toBeUndefined();
  });
});

/** A value of every type that the contract has, in GVariant's text format. */
const VALUES: Readonly<Record<string, string>> = {
  s: '"x"',
  o: '"/"',
  i: '1',
  u: '1',
  v: '<1>',
  as: '[]',
  'a{sv}': '{}',
  'a{ss}': '{}',
  '(ii)': '(1, 2)',
};

interface Signature {
  signature: string;
  arguments: string;
}

function signatureWith(types: readonly string[]): Signature {
  const values = types.map((type) => VALUES[type] as string);
  return { signature: `(${types.join('')})`, arguments: `(${values.join(', ')}${values.length === 1 ? ',' : ''})` };
}

describe('calls that make no sense', () => {
  test.each(Object.keys(METHODS) as MethodName[])('wrong signatures of %s', async (member) => {
    const right = METHODS[member].in.map(([, type]) => type as string);
    const wrong = [
      [],
      ['v'],
      ['s'],
      ['i'],
      ['(ii)'],
      ['as'],
      ['a{sv}'],
      [...right, 's'],
      [...right, 'v'],
      right.slice(1),
    ];
    for (const types of wrong.filter((list) => list.join('') !== signatureOf(METHODS[member].in))) {
      const call = client.send({ member, ...signatureWith(types) });
      await expect(call).rejects.toMatchObject({ kind: 'InvalidArgs', message: expect.stringContaining(member) });
    }
  });

  const property = { signature: '(ss)', interface: PROPERTIES };
  const write = { signature: '(ssv)', interface: PROPERTIES };
  test.each([
    ['UnknownMethod', 'Nonsense', {}],
    ['UnknownInterface', 'RunPipeline', { interface: 'org.example.None' }],
    ['UnknownObject', 'GetContext', { path: '/org/example' }],
    ['UnknownObject', 'GetContext', { path: '/org/hotwireshell/Slave1/domains/none' }],
    ['UnknownProperty', 'Get', { ...property, arguments: `("${INTERFACE}", "None")` }],
    ['UnknownInterface', 'Get', { ...property, arguments: '("org.example.None", "Version")' }],
    ['PropertyReadOnly', 'Set', { ...write, arguments: `("${INTERFACE}", "Version", <"9">)` }],
    ['PropertyReadOnly', 'Set', { ...write, arguments: `("${INTERFACE}", "Features", <["all"]>)` }],
    ['UnknownProperty', 'Set', { ...write, arguments: `("${INTERFACE}", "None", <1>)` }],
    ['InvalidArgs', 'Set', { ...property, arguments: `("${INTERFACE}", "Version")` }],
  ])('%s: %s %j', async (kind, member, more) => {
    await expect(client.send({ member, ...more })).rejects.toMatchObject({ kind });
  });

  test.each([
    ['a text of 2 MiB', 'RunPipeline', `sys echo ${'x'.repeat(2 ** 21)}`],
    ['500,000 bars', 'DescribePipeline', 'cat|'.repeat(500_000)],
    ['a file name of 4 MB', 'ChangeDirectory', `/${'x'.repeat(4_000_000)}`],
  ] as const)('%s is refused in a text of bounded length', async (_, member, text) => {
    const answer = await client.call(member, text).catch((error: Error) => error);
    expect(answer).toMatchObject({ kind: expect.stringMatching(/^(Parse|InvalidArgs|LimitExceeded)$/) });
    expect((answer as Error).message.length).toBeLessThan(100_000);
  });
});

describe('very much at once', () => {
  test('10,000 calls of one client are all answered', async () => {
    const [good, bad] = await Promise.all([
      client.answers({ member: 'GetContext', times: CALLS }),
      client.answers({ member: 'CancelPipeline', signature: '(i)', arguments: '(-1,)', times: CALLS }),
    ]);
    expect(good.filter(({ reply }) => reply !== undefined)).toHaveLength(CALLS);
    expect(bad.filter(({ error }) => error === ERRORS.NoSuchPipeline.busName)).toHaveLength(CALLS);
  });

  test('2,000 pipelines: each runs to its end or is refused', async () => {
    const answers = await client.answers({
      member: 'RunPipeline',
      signature: '(s)',
      arguments: '("sys true",)',
      times: 2000,
    });
    const ids = answers.flatMap(({ reply }) => reply ?? []) as number[];
    const refused = answers.filter(({ error }) => error === ERRORS.LimitExceeded.busName);
    expect(ids.length).toBeGreaterThanOrEqual(100);
    expect(ids.length + refused.length).toBe(2000);
    for (const id of ids) expect(await client.end(id)).toBe('complete');
  });
});
