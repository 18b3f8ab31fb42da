// The house rules that no compiler checks: who may import whom, and what lies where.
import { copyFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { run } from './support/process';
import { ROOT } from './support/slave';
import { temporaryFolder } from './support/temp';

/** DESIGN, section 3: the rooms of src/, and the other rooms that each may import. */
const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  language: [],
  engine: ['language', 'classes'],
  builtins: ['engine', 'classes', 'store'],
  classes: [],
  wire: [],
  slave: ['engine', 'builtins', 'wire', 'domains', 'client'],
  domains: ['wire'],
  client: ['wire', 'domains', 'language'],
  render: ['classes'],
  cli: ['client', 'render', 'language', 'store'],
  store: [],
};
const ROOMS = Object.keys(MAY_IMPORT);

interface BiomeReport {
  diagnostics: { category: string; location: { path: string | { file: string } } }[];
}

describe('the import rule', () => {
  let refused: Set<string>;

  beforeAll(async () => {
    const tree = temporaryFolder();
    for (const name of ['biome.json', '.gitignore']) copyFileSync(path.join(ROOT, name), path.join(tree, name));
    for (const room of ROOMS) {
      mkdirSync(path.join(tree, 'src', room, 'deep'), { recursive: true });
      for (const other of [...ROOMS, 'errors']) writeImports(path.join(tree, 'src', room), other);
    }
    const biome = path.join(ROOT, 'node_modules', '.bin', 'biome');
    const options = ['--only=style/noRestrictedImports', '--reporter=json', '--max-diagnostics=none'];
    const { stdout, stderr } = await run(biome, ['lint', ...options, 'src'], { cwd: tree });
    if (stdout === '') throw new Error(`biome reported nothing: ${stderr}`);
    const { diagnostics } = JSON.parse(stdout) as BiomeReport;
    refused = new Set(diagnostics.filter(isRestricted).map(fileOf));
  });

  const cases = ROOMS.flatMap((room) =>
    ROOMS.filter((other) => other !== room).map((other) => ({
      room,
      other,
      verdict: MAY_IMPORT[room]?.includes(other) ? 'allows' : 'refuses',
    })),
  );
  test.each(cases)('$verdict $room → $other', ({ room, other, verdict }) => {
    const files = ['index', 'file', 'deep/index', 'deep/file'].map((kind) => `src/${room}/${kind}-${other}.ts`);
    expect(files.filter((file) => refused.has(file))).toEqual(verdict === 'allows' ? [] : files);
  });

  test.each(ROOMS)('allows %s the root files and its own', (room) => {
    const own = new RegExp(`^src/${room}/.*-(errors|${room})\\.ts$`);
    expect([...refused].filter((file) => own.test(file))).toEqual([]);
  });
});

describe('the layout', () => {
  test('src/ has the rooms of the design and no other', () => {
    const rooms = readdirSync(path.join(ROOT, 'src'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect(ROOMS).toEqual(expect.arrayContaining(rooms));
    expect(rooms).toEqual(expect.arrayContaining(ROOMS));
  });

  test('the folders of test/ mirror src/', () => {
    const folders = readdirSync(path.join(ROOT, 'test'), { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map(({ name }) => name);
    expect([...ROOMS, 'docs', 'e2e', 'fixtures', 'support']).toEqual(expect.arrayContaining(folders));
  });

  test.each(['dbus/org.hotwireshell.Slave1.xml', 'dbus/org.hotwireshell.Slave1.service.in', 'bench/run.mjs'])(
    '%s is there',
    (file) => {
      expect(statSync(path.join(ROOT, file)).isFile()).toBe(true);
    },
  );

  test.each(['hotwire', 'hotwire-slave'])('bin/%s is a launcher of a few lines that may be executed', (name) => {
    const file = path.join(ROOT, 'bin', name);
    expect(readFileSync(file, 'utf8').trim().split('\n').length).toBeLessThanOrEqual(5);
    expect(statSync(file).mode & 0o111).toBe(0o111);
    expect(readFileSync(file, 'utf8')).toContain(`dist/${name}.js`);
  });

  test('no build output is committed', async () => {
    // A checkout may belong to another user than the one who tests it.
    const { code, stdout, stderr } = await run('git', ['-c', 'safe.directory=*', 'ls-files'], { cwd: ROOT });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const files = stdout.trim().split('\n');
    expect(files).toContain('package.json');
    expect(
      files.filter((file) => /(^|\/)(dist|node_modules|coverage)\/|^src\/.*\.[cm]?jsx?$|\.tsbuildinfo$/.test(file)),
    ).toEqual([]);
  });
});

/** In a room and in a folder of it: one file that imports the index of `other`, and one that imports a file in it. */
function writeImports(room: string, other: string) {
  for (const [folder, up] of [
    ['.', '../'],
    ['deep', '../../'],
  ] as const) {
    const file = (kind: string) => path.join(room, folder, `${kind}-${other}.ts`);
    writeFileSync(file('index'), `import { thing } from '${up}${other}';\nexport const same = thing;\n`);
    writeFileSync(file('file'), `import { thing } from '${up}${other}/thing';\nexport const same = thing;\n`);
  }
}

function isRestricted({ category }: BiomeReport['diagnostics'][number]): boolean {
  return category === 'lint/style/noRestrictedImports';
}

function fileOf({ location }: BiomeReport['diagnostics'][number]): string {
  return typeof location.path === 'string' ? location.path : location.path.file;
}
