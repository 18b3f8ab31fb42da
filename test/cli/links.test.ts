import { hostname, userInfo } from 'node:os';
import { Links } from '../../src/cli/links';
import { surroundingsOf } from './helpers';

const HERE = { host: hostname(), user: userInfo().username, uid: process.getuid?.(), pid: process.pid };
const EDIT = { action: 'edit', paths: ['/etc/hosts'], cwd: '/tmp' };
const PLACE = { trusted: true, stdinIsFree: true };

/** What is told of links; nothing may be started. */
async function told(
  values: readonly unknown[],
  context: Record<string, unknown>,
  place = PLACE,
  environment = {},
  address = '',
) {
  const { surroundings } = surroundingsOf({ terminal: { columns: 80 }, environment });
  const lines: string[] = [];
  const links = new Links({ ...surroundings, stdinIsTerminal: true }, (line) => lines.push(line));
  for (const value of values) links.note(value);
  await links.settle({ context: async () => context, address }, place);
  // What is not done is a failure; what is merely not known is none.
  expect(await links.follow(0)).toBe(lines.some((line) => / asks to /.test(line)) ? 1 : 0);
  return lines;
}

// The process of this test is none of a slave: `HERE` itself is a slave that lies.
test.each([
  ['another host', { ...HERE, host: 'web1' }],
  ['another user', { ...HERE, uid: 0xfffe }],
  ['a process that is no slave', HERE],
  ['a process that there is not', { ...HERE, pid: 2 ** 30 }],
  ['a process that is none', { ...HERE, pid: '../../etc' }],
  ['a context without anything', {}],
])('a slave with %s starts nothing here', async (_, context) => {
  const marker = { action: 'terminal', command: ['false'], cwd: '/' };
  const lines = await told([marker, EDIT, { ...EDIT, action: 'open' }, { ...EDIT, action: 'view' }], context);
  expect(lines).toEqual([
    expect.stringMatching(/ asks to run a program on a terminal, which is not done from here: there, run: false$/),
    expect.stringMatching(/ asks to edit files, .* there, run: vi \/etc\/hosts$/),
    expect.stringMatching(/ asks to open files, .* there, run: xdg-open \/etc\/hosts$/),
    expect.stringMatching(/ asks to view files, .* there, run: less \/etc\/hosts$/),
  ]);
});

test('who asks is named', async () => {
  expect(await told([EDIT], { ...HERE, host: 'web1', user: 'deploy' })).toEqual([
    'deploy on web1 asks to edit files, which is not done from here: there, run: vi /etc/hosts',
  ]);
});

test('what this user edits with here is not what there is', async () => {
  const [line] = await told([EDIT], { ...HERE, host: 'web1' }, PLACE, { VISUAL: 'emacs -nw', EDITOR: 'ed' });
  expect(line).toMatch(/there, run: vi \/etc\/hosts$/);
});

test.each([
  ['ssh:web1', "run: ssh -t -- web1 'vi /etc/hosts'"],
  ['ssh:deploy@web1', "run: ssh -t -- deploy@web1 'vi /etc/hosts'"],
  ['ssh:web1:2222', 'there, run: vi /etc/hosts'],
  ['ssh:web1/sudo:postgres', 'there, run: vi /etc/hosts'],
])('how it is done at %s', async (address, line) => {
  expect((await told([EDIT], { ...HERE, host: 'web1' }, PLACE, {}, address))[0]).toContain(line);
});

test('what comes from elsewhere is shown without its control characters, quoted, and not without end', async () => {
  const context = { host: 'web\u001b[2J1', user: 'a\nb', uid: 1, pid: 1 };
  const lines = await told(
    [
      { action: 'terminal', command: ['echo', "it's", '\u001b]0;t\u0007', '\u202e'], cwd: '/' },
      { action: 'terminal', command: ['x'.repeat(100_000)], cwd: '/' },
    ],
    context,
  );
  expect(lines[0]).toBe(
    "a␊b on web␛[2J1 asks to run a program on a terminal, which is not done from here: there, run: echo 'it'\\''s' '␛]0;t␇' '\\u202e'",
  );
  expect(lines[1]?.length).toBeLessThan(1000);
});

test('what is not known is counted, and of very many only some are done', async () => {
  expect(await told([{ action: 'format' }, null], HERE)).toEqual([expect.stringMatching(/^2 things .* are ignored/)]);
  const lines = await told(new Array(1000).fill(EDIT), { ...HERE, host: 'web1' });
  expect(lines).toHaveLength(17);
  expect(lines[0]).toMatch(/^984 things/);
});

test('a window is needed for the selection, and nothing for the end', async () => {
  expect(await told([{ action: 'exit' }], HERE)).toEqual([]);
  expect(await told([{ action: 'selection' }], HERE)).toEqual([expect.stringMatching(/window.*current/)]);
});
