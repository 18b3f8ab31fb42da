// The programs of docs/examples do what they say, against a real slave on a bus of their own.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { connect } from '../../src/client';
import { type Bus, startBus } from '../support/bus';
import { run, start } from '../support/process';
import { ResidentHome } from '../support/resident';
import { ROOT, startSlave } from '../support/slave';
import { temporaryFolder } from '../support/temp';
import { waitFor } from '../support/wait';

const PYTHON = '/usr/bin/python3';
const EXAMPLES = path.join(ROOT, 'docs', 'examples');
const made = temporaryFolder();
const PATIENCE_OF_COMPILERS_MS = 60_000;

interface Program {
  readonly name: string;
  readonly command: readonly string[];
  /** Its input holds JSON, not text. */
  readonly readsJson?: boolean;
  /** It follows a file that the pipeline writes, as its tool has no connection that stays. */
  readonly byFile?: boolean;
}

const example = (name: string) => path.join(EXAMPLES, name);
const PROGRAMS: readonly Program[] = [
  { name: 'dbus-python', command: [PYTHON, example('client_dbus.py')] },
  { name: 'Gio', command: [PYTHON, example('client_gio.py')] },
  { name: 'sd-bus', command: [path.join(made, 'client_sdbus')], readsJson: true },
  { name: 'busctl', command: ['sh', example('client_busctl.sh')], byFile: true },
  { name: 'gdbus', command: ['sh', example('client_gdbus.sh')], byFile: true },
  { name: 'the library', command: [process.execPath, path.join(made, 'client.js')] },
];

let bus: Bus;
let home: ResidentHome;
let env: NodeJS.ProcessEnv;

beforeAll(async () => {
  home = new ResidentHome();
  bus = await startBus();
  // What is made meanwhile for the trash and the detached pipelines is the test's own.
  await startSlave(bus, [], { env: home.environment });
  env = { ...home.environment, DBUS_SESSION_BUS_ADDRESS: bus.address };
  await compileC();
  await compileTypeScript();
}, PATIENCE_OF_COMPILERS_MS);

async function succeeds(file: string, args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await run(file, args, { cwd: made, patience: PATIENCE_OF_COMPILERS_MS });
  expect({ code, stderr, errors: code === 0 ? '' : stdout }).toEqual({ code: 0, stderr: '', errors: '' });
  return stdout;
}

async function compileC(): Promise<void> {
  const flags = (await succeeds('pkg-config', ['--cflags', '--libs', 'libsystemd'])).trim().split(/\s+/);
  const warnings = ['-Wall', '-Wextra', '-Wno-unused-parameter', '-Werror'];
  await succeeds('cc', [...warnings, example('client_sdbus.c'), '-o', path.join(made, 'client_sdbus'), ...flags]);
}

async function compileTypeScript(): Promise<void> {
  const tool = (name: string) => path.join(ROOT, 'node_modules', '.bin', name);
  const library = path.join(ROOT, 'src', 'client', 'index.ts');
  const { compilerOptions } = JSON.parse(readFileSync(path.join(ROOT, 'tsconfig.json'), 'utf8'));
  const typeRoots = [path.join(ROOT, 'node_modules', '@types')];
  const settings = {
    compilerOptions: { ...compilerOptions, types: ['node'], typeRoots, paths: { hotwire: [library] } },
    files: [example('client.ts'), path.join(ROOT, 'src', 'wire', 'dbus-next-modules.d.ts')],
  };
  writeFileSync(path.join(made, 'tsconfig.json'), JSON.stringify(settings));
  await succeeds(tool('tsc'), ['--project', made]);
  const bundle = [
    '--bundle',
    '--platform=node',
    '--target=node20',
    '--log-level=warning',
    `--alias:hotwire=${library}`,
  ];
  await succeeds(tool('esbuild'), [example('client.ts'), ...bundle, `--outfile=${path.join(made, 'client.js')}`]);
}

describe.each(PROGRAMS)('the client with $name', ({ command, readsJson = false, byFile = false }) => {
  const [file = '', ...words] = command;
  const client = (args: readonly string[], input?: string) =>
    run(file, [...words, ...args], { env, cwd: made, ...(input === undefined ? {} : { input }) });

  test('prints the objects of a pipeline', async () => {
    expect(await client(['run', 'sys seq 3'])).toMatchObject({ code: 0, stdout: '"1"\n"2"\n"3"\n', stderr: '' });
  });

  test('prints a single value', async () => {
    expect(await client(['run', 'js-eval "({ a: 1 })"'])).toMatchObject({ code: 0, stdout: '{"a":1}\n', stderr: '' });
  });

  test('says where a text that does not parse is wrong', async () => {
    const { code, stdout, stderr } = await client(['run', 'sys seq 3 | no-such-command']);
    expect(code).not.toBe(0);
    expect(stdout).toBe('');
    expect(stderr).toContain("there is no command or program 'no-such-command'");
  });

  test('prints what came, and why the pipeline failed', async () => {
    const { code, stdout, stderr } = await client(['run', 'cat /no/such/file']);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toContain('/no/such/file');
  });

  test('feeds its input', async () => {
    const input = ['a', 'b "c"', 'bd'].map((text) => `${readsJson ? JSON.stringify(text) : text}\n`).join('');
    expect(await client(['feed', 'filter b'], input)).toMatchObject({
      code: 0,
      stdout: '"b \\"c\\""\n"bd"\n',
      stderr: '',
    });
  });

  test('a pipeline that does not read all of its input is no failure', async () => {
    const input = '1\n'.repeat(20);
    const first = readsJson ? '1' : '"1"';
    expect(await client(['feed', 'head 1'], input)).toMatchObject({ code: 0, stdout: `${first}\n`, stderr: '' });
  });

  test('Ctrl-C cancels, and no process is left', async () => {
    const told = path.join(temporaryFolder(), 'pid');
    const text = `sys sh -c 'echo $$ > ${told}.new; mv ${told}.new ${told}; exec sleep 1000'`;
    // A terminal interrupts the whole group of processes.
    const running = start('setsid', [file, ...words, 'run', text], { env, cwd: made });
    await waitFor(() => existsSync(told), 'the start of the pipeline');
    process.kill(-running.pid, 'SIGINT');
    expect(await running.exit()).toMatchObject({ code: 130, stdout: '' });
    const pid = readFileSync(told, 'utf8').trim();
    await waitFor(() => !existsSync(`/proc/${pid}`), 'the end of the process');
  });

  test('starts a detached pipeline, and follows it', async () => {
    const place = byFile ? [path.join(temporaryFolder(), "with a blank and a '")] : [];
    const { code, stdout } = await client(['detach', 'sys seq 3', ...place]);
    expect({ code, stdout }).toEqual({ code: 0, stdout: expect.stringMatching(/^\d+\n$/) });
    const attached = await client(['attach', stdout.trim(), ...place]);
    expect(attached).toMatchObject({ code: 0, stdout: '"1"\n"2"\n"3"\n', stderr: '' });
  });

  test('says that there is no such pipeline', async () => {
    const { code, stderr } = await client(['attach', '999999', ...(byFile ? ['/nowhere'] : [])]);
    expect(code).not.toBe(0);
    expect(stderr).toContain('999999');
  });
});

describe.each(PROGRAMS.filter(({ byFile }) => !byFile))('the client with $name, which stays', ({ command }) => {
  const [file = '', ...words] = command;

  test('prints objects when they come, and can leave a detached pipeline and come back', async () => {
    const told = path.join(temporaryFolder(), 'go');
    const text = `sys sh -c 'echo one; until test -e ${told}; do sleep 0.05; done; echo two'`;
    const { stdout } = await run(file, [...words, 'detach', text], { env });
    const id = stdout.trim();
    const first = start(file, [...words, 'attach', id], { env });
    await first.line(/^"one"$/);
    first.kill('SIGINT');
    const { code, stderr } = await first.exit();
    expect(code).toBe(130);
    const from = new RegExp(`attach ${id} (\\d+)$`, 'm').exec(stderr)?.[1] ?? '';
    writeFileSync(told, '');
    expect(await run(file, [...words, 'attach', id, from], { env })).toMatchObject({ code: 0, stdout: '"two"\n' });
  });
});

test('none of them has left a pipeline that runs', async () => {
  const domain = await connect('', { bus: bus.address });
  const running = (await domain.pipelines()).filter(({ state }) => state === 'executing');
  await domain.close();
  expect(running).toEqual([]);
});

test('each is on the page', () => {
  const page = readFileSync(path.join(ROOT, 'docs', 'examples.md'), 'utf8');
  for (const { command } of PROGRAMS) {
    const name = path.parse(command.at(-1) ?? '').name;
    expect(page).toContain(`examples/${name}`);
  }
});
