// What a pipeline asks of its display, on a real terminal and without one.
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startBus } from '../support/bus';
import { environment, start } from '../support/process';
import { built, HOTWIRE, hotwire, startSlave } from '../support/slave';
import { temporaryFolder } from '../support/temp';
import { PATIENCE_MS } from '../support/wait';

beforeAll(built, 2 * PATIENCE_MS);

const CTRL_C = '\u0003';

/** A folder with programs: each writes what it was given, and where, to a file, and ends with a status. */
function programs(statuses: Readonly<Record<string, number>>) {
  const folder = temporaryFolder();
  const bin = path.join(folder, 'bin');
  const log = path.join(folder, 'log');
  mkdirSync(bin);
  for (const [name, status] of Object.entries(statuses)) {
    const file = path.join(bin, name);
    writeFileSync(file, `#!/bin/sh\nprintf '%s|' ${name} "$PWD" "$@" >> ${log}; echo >> ${log}\nexit ${status}\n`);
    chmodSync(file, 0o755);
  }
  const logged = () => (existsSync(log) ? readFileSync(log, 'utf8').trim().split('\n') : []);
  return { folder, logged, PATH: `${bin}:${process.env.PATH}` };
}

function onTerminal(text: string, cwd: string, env: NodeJS.ProcessEnv = {}, options = '') {
  const quoted = `'${text.replaceAll("'", "'\\''")}'`;
  return start(
    'script',
    ['-qec', `stty cols 200 -echo; exec ${HOTWIRE} run --no-progress ${options} ${quoted}`, '/dev/null'],
    {
      cwd,
      env: environment({ TERM: 'xterm', SHELL: '/bin/sh', VISUAL: '', EDITOR: '', PAGER: '', ...env }),
    },
  );
}

test.each([
  ['edit a.txt', {}, 'vi'],
  ['edit a.txt', { EDITOR: 'nano -w' }, 'nano|-w'],
  ['edit a.txt', { VISUAL: 'emacs', EDITOR: 'nano' }, 'emacs'],
  ['view a.txt', {}, 'less'],
  ['view a.txt', { PAGER: 'more' }, 'more'],
  ['open a.txt', {}, 'xdg-open'],
])('%s with %j, and its status', async (text, env, words) => {
  const names = ['vi', 'nano', 'emacs', 'less', 'more', 'xdg-open'];
  const { folder, logged, PATH } = programs(Object.fromEntries(names.map((name) => [name, 7])));
  writeFileSync(path.join(folder, 'a.txt'), '');
  const { code, stdout } = await onTerminal(text, folder, { PATH, ...env }).exit();
  expect({ code, stdout }).toEqual({ code: 7, stdout: '' });
  const [name, ...options] = words.split('|');
  expect(logged()).toEqual([`${[name, folder, ...options, path.join(folder, 'a.txt')].join('|')}|`]);
});

test('a program on the terminal: its input, its output, its end', async () => {
  const folder = temporaryFolder();
  const running = onTerminal(`term sh -c 'test -t 0 && test -t 1 && pwd; read line; echo got "$line"; exit 3'`, folder);
  await running.line(new RegExp(`^${folder}\r?$`));
  running.stdin.write('hello\n');
  await running.line(/^got hello\r?$/);
  expect((await running.exit()).code).toBe(3);
});

test('Ctrl-C is for the program', async () => {
  const script = `trap "echo caught; exit 5" INT; echo ready; while :; do sleep 0.05; done`;
  const running = onTerminal(`term sh -c '${script}'`, temporaryFolder());
  await running.line(/^ready/);
  running.stdin.write(CTRL_C);
  await running.line(/caught/);
  expect((await running.exit()).code).toBe(5);
});

test('a program that is not there, and a failed pipeline', async () => {
  const folder = temporaryFolder();
  const missing = await onTerminal('term no-such-program-1', folder).exit();
  expect(missing).toMatchObject({
    code: 127,
    stdout: expect.stringMatching(/^hotwire: no-such-program-1: no such program/),
  });
  const failed = await onTerminal('view nothing.txt', folder).exit();
  expect(failed).toMatchObject({ code: 1, stdout: expect.stringMatching(/^hotwire: view: nothing.txt: no such file/) });
});

test('without a terminal it is told, and nothing is started but what needs none', async () => {
  const { folder, logged, PATH } = programs({ vi: 0, less: 0, 'xdg-open': 0 });
  writeFileSync(path.join(folder, 'a.txt'), '');
  const env = { PATH, VISUAL: '', EDITOR: '', PAGER: '' };
  const edit = await hotwire(['run', 'edit', 'a.txt'], { cwd: folder, env });
  const told = `hotwire: the pipeline asks to edit files, and this is no terminal: on one, run: vi ${folder}/a.txt\n`;
  expect(edit).toMatchObject({ code: 1, stdout: '', stderr: told });
  expect(logged()).toEqual([]);
  expect(await hotwire(['run', 'open a.txt'], { cwd: folder, env })).toMatchObject({ code: 0, stdout: '', stderr: '' });
  expect(logged()).toEqual([`xdg-open|${folder}|${folder}/a.txt|`]);
});

test('a slave on the session bus is this user; one on a bus that is named may be anybody', async () => {
  const { folder, logged, PATH } = programs({ vi: 0 });
  const bus = await startBus();
  await startSlave(bus);
  const own = { PATH, DBUS_SESSION_BUS_ADDRESS: bus.address };
  expect((await onTerminal('edit a.txt', folder, own).exit()).code).toBe(0);
  expect(logged()).toHaveLength(1);
  const { code, stdout } = await onTerminal('edit a.txt', folder, { PATH }, `--bus '${bus.address}'`).exit();
  expect(code).toBe(1);
  expect(stdout).toMatch(/ asks to edit files, which is not done from here: there, run: vi /);
  expect(logged()).toHaveLength(1);
});

test('http-get trusts the authorities that it is told of', async () => {
  const folder = temporaryFolder();
  const file = (name: string) => path.join(folder, name);
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const made = start('openssl', [
    'req',
    '-x509',
    '-newkey',
    'rsa:2048',
    '-nodes',
    '-days',
    '2',
    ...subject,
    '-keyout',
    file('key'),
    '-out',
    file('cert'),
  ]);
  expect((await made.exit()).code).toBe(0);
  writeFileSync(
    file('server.js'),
    `const { readFileSync } = require('fs');
     require('https').createServer({ key: readFileSync('key'), cert: readFileSync('cert') }, (_, response) => response
       .writeHead(_.url === '/down' ? 302 : 200, { location: 'http://localhost:1/' }).end('secret'))
       .listen(0, 'localhost', function () { console.log('port ' + this.address().port); });`,
  );
  const server = start(process.execPath, ['server.js'], { cwd: folder });
  const [, port] = (await server.line(/^port/)).split(' ');
  const url = `https://localhost:${port}`;
  const trusting = { env: { NODE_EXTRA_CA_CERTS: file('cert') } };
  expect(await hotwire(['run', `http-get ${url} | prop body`], trusting)).toMatchObject({
    code: 0,
    stdout: 'secret\n',
  });
  const down = await hotwire(['run', `http-get ${url}/down`], trusting);
  expect(down).toMatchObject({ code: 1, stderr: expect.stringMatching(/leads from https to http:/) });
  const wary = await hotwire(['run', `http-get ${url}`]);
  expect(wary).toMatchObject({ code: 1, stderr: expect.stringMatching(/signed by itself.*NODE_EXTRA_CA_CERTS/) });
});
