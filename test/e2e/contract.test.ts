// What DESIGN section 4 promises of the slave, on a real bus, seen from outside.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { BUS_NAME, INTERFACE, OBJECT_PATH } from '../../src/contract';
import { Variant } from '../../src/wire';
import { type Bus, startBus } from '../support/bus';
import { parseIntrospection } from '../support/introspection';
import { isAlive } from '../support/proc';
import { run } from '../support/process';
import { RawClient } from '../support/raw-client';
import { ROOT, startSlave } from '../support/slave';
import { waitFor } from '../support/wait';

let bus: Bus;
let client: RawClient;

beforeAll(async () => {
  bus = await startBus();
  await startSlave(bus);
});

beforeEach(async () => {
  client = await RawClient.connect(bus);
});

describe('introspection', () => {
  test('serves the contract as it is written, and the standard interfaces', async () => {
    const object = { path: OBJECT_PATH, interface: 'org.freedesktop.DBus.Introspectable' };
    const [xml] = await client.send('Introspect', '', [], object);
    const served = await parseIntrospection(xml as string);
    const written = await parseIntrospection(readFileSync(path.join(ROOT, 'dbus', `${BUS_NAME}.xml`), 'utf8'));
    expect(served.find(({ name }) => name === INTERFACE)).toEqual(written[0]);
    expect(served.map(({ name }) => name).sort()).toEqual([
      'org.freedesktop.DBus.Introspectable',
      'org.freedesktop.DBus.Peer',
      'org.freedesktop.DBus.Properties',
      INTERFACE,
    ]);
  });

  test.each([
    ['busctl', ['introspect', BUS_NAME, OBJECT_PATH]],
    ['busctl', ['tree', BUS_NAME]],
    ['gdbus', ['introspect', '--recurse', '--dest', BUS_NAME, '--object-path', '/']],
  ])('%s %s understands it', async (program, [command, ...args]) => {
    const address =
      program === 'gdbus'
        ? [command as string, '--address', bus.address]
        : [`--address=${bus.address}`, command as string];
    const { code, stdout } = await run(program, [...address, ...args]);
    expect(code).toBe(0);
    expect(stdout).toContain(command === 'tree' ? OBJECT_PATH : 'RunPipeline');
  });
});

describe('signals', () => {
  test('come after the reply, in order, with one terminal state at the end', async () => {
    const id = await client.run("sys sh -c 'echo a; echo b >&2; exit 3'");
    expect(client.of(id)).toEqual([]); // the reply was first
    await client.untilState(id, 'complete');
    const members = client.of(id).map(({ member }) => member);
    expect(members[0]).toBe('PipelineStateChanged');
    expect(members.at(-1)).toBe('PipelineStateChanged');
    expect(members.filter((member) => member === 'PipelineStateChanged')).toHaveLength(2);
    expect(client.objects(id)).toEqual(['a']);
    const metadata = client.of(id).filter(({ member }) => member === 'PipelineMetadata');
    expect(metadata.map(({ body }) => body.slice(1))).toEqual([
      [0, 'hotwire.stderr', '"b\\n"'],
      [0, 'hotwire.exit', '{"code":3,"signal":null}'],
    ]);
  });

  test('a single value is a result', async () => {
    const id = await client.run('js-eval 6*7');
    await client.untilState(id, 'complete');
    expect(client.of(id)[1]).toMatchObject({ member: 'PipelineResult', body: [id, 'number', '42'] });
  });

  test('an exception comes just before its state, with the message, the command and the stack', async () => {
    const id = await client.run('sys cat < /no/such/file');
    await client.untilState(id, 'exception');
    const [exception, state] = client.of(id).slice(-2);
    expect(exception).toMatchObject({ member: 'PipelineException' });
    expect(exception?.body[1]).toMatch(/^\/no\/such\/file: no such file or directory\nin command 0: sys\n.*\n +at /s);
    expect(state?.body).toEqual([id, 'exception']);
  });

  test('go to the owner alone, and nobody else may act on the pipeline', async () => {
    const other = await RawClient.connect(bus);
    const rule = `type='signal',interface='${INTERFACE}'`;
    await other.connection.call({
      destination: 'org.freedesktop.DBus',
      path: '/org/freedesktop/DBus',
      interface: 'org.freedesktop.DBus',
      member: 'AddMatch',
      signature: 's',
      body: [rule],
    });
    const id = await client.run('sys sleep 100');
    await client.untilState(id, 'executing');
    for (const member of ['CancelPipeline', 'UndoPipeline', 'ReleasePipeline', 'CloseInput', 'GetPipeline'] as const) {
      await expect(other.call(member, id)).rejects.toMatchObject({ kind: 'AccessDenied' });
    }
    await expect(other.call('PutObjects', id, ['1'])).rejects.toMatchObject({ kind: 'AccessDenied' });
    await expect(other.call('AcknowledgeObjects', id, 1)).rejects.toMatchObject({ kind: 'AccessDenied' });
    expect(await other.call('ListPipelines')).toEqual([[]]);
    await client.call('CancelPipeline', id);
    expect(client.of(id).at(-1)?.body).toEqual([id, 'cancelled']);
    expect(other.signals).toEqual([]);
  });

  test('ContextChanged follows a change of directory', async () => {
    const id = await client.run('cd /usr');
    await client.untilState(id, 'complete');
    const changed = client.signals.find(({ member }) => member === 'ContextChanged');
    expect(changed?.body[0]).toMatchObject({ cwd: { signature: 's', value: '/usr' } });
    expect((await client.call('GetContext'))[0]).toMatchObject({ cwd: { value: '/usr' } });
    const other = await RawClient.connect(bus);
    expect((await other.call('GetContext'))[0]).not.toMatchObject({ cwd: { value: '/usr' } });
  });
});

describe('methods', () => {
  test('GetPipeline tells all that the contract names', async () => {
    const id = await client.run('sys printf "a\\nb\\n"');
    await client.untilState(id, 'complete');
    const [described] = await client.call('GetPipeline', id);
    const values = Object.fromEntries(
      Object.entries(described as Record<string, Variant>).map(([name, { signature, value }]) => [
        name,
        [signature, value],
      ]),
    );
    expect(values).toEqual({
      id: ['i', id],
      text: ['s', 'sys printf "a\\nb\\n"'],
      state: ['s', 'complete'],
      owner: ['s', client.connection.uniqueName],
      detached: ['b', false],
      started: ['d', expect.any(Number)],
      completed: ['d', expect.any(Number)],
      'output-type': ['s', 'string'],
      'single-value': ['b', false],
      idempotent: ['b', false],
      undoable: ['b', false],
      objects: ['t', 2n],
      signals: ['t', BigInt(client.of(id).length)],
      error: ['s', ''],
    });
    await client.call('ReleasePipeline', id);
    await expect(client.call('GetPipeline', id)).rejects.toMatchObject({ kind: 'NoSuchPipeline' });
  });

  test('DescribePipeline runs nothing', async () => {
    const [description] = await client.call('DescribePipeline', 'sys touch /tmp/never | sys cat > /tmp/never2');
    expect(description).toMatchObject({
      'input-type': { value: 'string' },
      'input-optional': { value: true },
      'output-type': { value: '' },
      idempotent: { value: false },
      commands: { value: ['sys', 'sys'] },
    });
  });

  test('Evaluate returns everything by class, in order', async () => {
    const [batches] = await client.call('Evaluate', 'js-eval \'[1,"a","b",null]\' | iter', {});
    expect(batches).toEqual([
      ['number', ['1']],
      ['string', ['"a"', '"b"']],
      ['null', ['null']],
    ]);
  });

  test('Evaluate fails by name', async () => {
    const evaluate = (text: string, options = {}) => client.call('Evaluate', text, options);
    await expect(evaluate('js-eval "nowhere.at.all"')).rejects.toMatchObject({ kind: 'PipelineFailed' });
    await expect(evaluate('sys seq 1 1000', { 'max-bytes': new Variant('t', 100) })).rejects.toMatchObject({
      kind: 'LimitExceeded',
    });
    await expect(evaluate('sys sleep 100', { timeout: new Variant('d', 0.05) })).rejects.toMatchObject({
      kind: 'TimedOut',
    });
    await expect(evaluate('sys sleep 1', { window: new Variant('u', 1) })).rejects.toMatchObject({
      kind: 'InvalidArgs',
    });
  });

  test('what one pipeline yielded is current for the next', async () => {
    const first = await client.run('js-eval [3,1,2] | iter');
    await client.untilState(first, 'complete');
    const second = await client.run('| sort');
    await client.untilState(second, 'complete');
    expect(client.objects(second)).toEqual([1, 2, 3]);
  });

  test('input is fed and ended', async () => {
    const options = { input: new Variant('b', true) };
    const [id] = (await client.call('RunPipelineWithOptions', 'js-map "it * 2"', options)) as [number];
    await client.call('PutObjects', id, ['1', '2']);
    await expect(client.call('PutObjects', id, ['nonsense'])).rejects.toMatchObject({ kind: 'InvalidArgs' });
    await client.call('PutObjects', id, ['3']);
    await client.call('CloseInput', id);
    await client.untilState(id, 'complete');
    expect(client.objects(id)).toEqual([2, 4, 6]);
    await expect(client.call('PutObjects', id, ['4'])).rejects.toMatchObject({ kind: 'InvalidState' });
  });

  test('numbers that are fed stay what they are', async () => {
    const options = { input: new Variant('b', true) };
    const [id] = (await client.call('RunPipelineWithOptions', 'json', options)) as [number];
    await client.call('PutObjects', id, ['9007199254740993', '0.1']);
    await expect(client.call('PutObjects', id, ['1e999'])).rejects.toMatchObject({ kind: 'InvalidArgs' });
    await client.call('CloseInput', id);
    await client.untilState(id, 'complete');
    expect(client.objects(id)).toEqual(['"9007199254740993"', '0.1']);
  });

  test('SetEnvironment and the options env and cwd reach the programs', async () => {
    await client.call('SetEnvironment', { ONE: '1', TWO: '2' });
    await client.call('SetEnvironment', { TWO: '' });
    const options = { env: new Variant('a{ss}', { THREE: '3' }), cwd: new Variant('s', '/usr') };
    const script = 'sys sh -c \'echo "$ONE-$TWO-$THREE-$PWD"\'';
    expect(await client.call('Evaluate', script, options)).toEqual([[['string', ['"1--3-/usr"']]]]);
  });

  test('CancelPipeline may be called again', async () => {
    const id = await client.run('sys sleep 100');
    await client.call('CancelPipeline', id);
    await client.call('CancelPipeline', id);
    await client.untilState(id, 'cancelled');
  });

  test('UndoPipeline takes back a change of directory', async () => {
    const before = (await client.call('ChangeDirectory', '/tmp'))[0];
    const id = await client.run('cd /usr');
    await client.untilState(id, 'complete');
    await client.call('UndoPipeline', id);
    expect(client.of(id).at(-1)?.body).toEqual([id, 'undone']);
    expect((await client.call('GetContext'))[0]).toMatchObject({ cwd: { value: before } });
  });

  test('what is for later versions says so', async () => {
    const later = client.call('OpenDomain', 'user:somebody', {});
    await expect(later).rejects.toMatchObject({
      kind: 'Domain.NoAuthority',
      message: expect.stringContaining('sudo:'),
    });
    expect(await client.call('ListDomains')).toEqual([[]]);
  });
});

describe('mistakes of a client get an error by name, and nothing else happens', () => {
  const properties = { interface: 'org.freedesktop.DBus.Properties' };
  test.each([
    ['a text that does not parse', 'RunPipeline', 's', ['proc |'], {}, 'Parse'],
    ['an unknown command', 'RunPipeline', 's', ['nonsense-zz'], {}, 'Parse'],
    ['a wrong signature', 'RunPipeline', 'i', [1], {}, 'InvalidArgs'],
    ['too many arguments', 'RunPipeline', 'ss', ['a', 'b'], {}, 'InvalidArgs'],
    ['a pipeline that never was', 'CancelPipeline', 'i', [12345], {}, 'NoSuchPipeline'],
    ['a negative id', 'CancelPipeline', 'i', [-1], {}, 'NoSuchPipeline'],
    ['an unknown option', 'Evaluate', 'sa{sv}', ['proc', { nonsense: new Variant('s', '') }], {}, 'InvalidArgs'],
    ['an option of a wrong type', 'Evaluate', 'sa{sv}', ['proc', { cwd: new Variant('i', 1) }], {}, 'InvalidArgs'],
    ['an option named __proto__', 'Evaluate', 'sa{sv}', ['proc', hostileOptions()], {}, 'InvalidArgs'],
    ['a directory that is none', 'ChangeDirectory', 's', ['/no/such'], {}, 'InvalidArgs'],
    ['an unknown method', 'Nonsense', '', [], {}, 'UnknownMethod'],
    ['an unknown interface', 'RunPipeline', 's', ['proc'], { interface: 'org.example.None' }, 'UnknownInterface'],
    ['an unknown object', 'RunPipeline', 's', ['proc'], { path: '/org/example' }, 'UnknownObject'],
    ['an unknown property', 'Get', 'ss', [INTERFACE, 'None'], properties, 'UnknownProperty'],
    ['a property of no interface', 'Get', 'ss', ['org.example.None', 'Version'], properties, 'UnknownInterface'],
    ['a property write', 'Set', 'ssv', [INTERFACE, 'Version', new Variant('s', '9')], properties, 'PropertyReadOnly'],
  ])('%s', async (_, member, signature, body, more, kind) => {
    await expect(client.send(member, signature, body, more)).rejects.toMatchObject({ kind });
  });

  test('properties are read', async () => {
    const [version] = await client.send('Get', 'ss', [INTERFACE, 'Version'], properties);
    expect(version).toMatchObject({ signature: 's', value: expect.stringMatching(/^\d+\.\d+\.\d+/) });
    const [all] = await client.send('GetAll', 's', [INTERFACE], properties);
    expect(Object.keys(all as object).sort()).toEqual(['Features', 'Version']);
  });

  test('a call without an interface is answered', async () => {
    const [context] = await client.send('GetContext', '', [], { interface: undefined });
    expect(context).toMatchObject({ pid: { signature: 'u' } });
  });

  test('10,000 calls at once are all answered', async () => {
    const calls = Array.from({ length: 10_000 }, (_, index) =>
      index % 2 === 0 ? client.call('GetContext') : client.call('CancelPipeline', -1).catch(() => 'refused'),
    );
    const answers = await Promise.all(calls);
    expect(answers.filter((answer) => answer === 'refused')).toHaveLength(5_000);
  });
});

describe('a client that leaves', () => {
  test('takes its processes with it', async () => {
    const id = await client.run("sys sh -c 'echo $$; sleep 100 & echo $!; wait'");
    await client.until('two lines', () => client.objects(id).length === 2);
    const pids = client.objects(id).map(Number);
    expect(pids.every(isAlive)).toBe(true);
    client.connection.destroy();
    await waitFor(() => !pids.some(isAlive), 'the processes to end');
  });

  test('during Evaluate, too', async () => {
    const marker = `12345.${process.pid}`;
    const evaluating = client.call('Evaluate', `sys sleep ${marker}`, {});
    evaluating.catch(() => undefined); // it ends with the connection
    const sleeping = async () => (await run('pgrep', ['-f', `^sleep ${marker}`])).stdout !== '';
    await waitFor(sleeping, 'the sleep to begin');
    client.connection.destroy();
    await waitFor(async () => !(await sleeping()), 'the sleep to end');
  });
});

function hostileOptions(): Record<string, Variant> {
  const options: Record<string, Variant> = Object.create(null);
  Object.defineProperty(options, '__proto__', { value: new Variant('s', ''), enumerable: true });
  return options;
}
