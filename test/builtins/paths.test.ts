// Which file an argument means: the one that every program would take.
import { mkdirSync, readdirSync, readFileSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type Context, prepare } from '../../src/engine';
import { closeContexts, contextWith, registry, run, valuesOf } from './support';

afterAll(closeContexts);

const at = (context: Context, name: string) => path.join(context.cwd, name);

/** An empty path used to mean the current directory. */
describe('an empty path names nothing', () => {
  test.each([
    "rm ''",
    "rm -ur ''",
    "rm -urf ''",
    "rm keep ''",
    "ls ''",
    "walk ''",
    "cat ''",
    "head -1 ''",
    "sechash ''",
    "df ''",
    "mkdir ''",
    "cd ''",
    "path -a ''",
    "fsearch x ''",
    "edit ''",
    "cp '' copy",
    "cp keep ''",
    "mv '' moved",
    "mv keep ''",
    "cat keep | write ''",
    "cat < ''",
    "sys cat < ''",
    "cat keep > ''",
    "sys cat keep >> ''",
  ])('%s', async (text) => {
    const context = contextWith({ keep: 'kept' });
    expect((await run(text, context)).error?.message).toMatch(/'': no such file or directory/);
    expect([readdirSync(context.cwd), readFileSync(at(context, 'keep'), 'utf8')]).toEqual([['keep'], 'kept']);
  });

  test('nor does that of a File', async () => {
    const context = contextWith({ keep: '' });
    expect((await run('rm -ur', context, [{ path: '' }])).error?.message).toMatch(/no absolute path/);
    expect(readdirSync(context.cwd)).toEqual(['keep']);
  });
});

describe('rm refuses a directory without a name of its own', () => {
  const SPELLINGS = ['/', '//', '/.', '/./', '/..', '/x/..', '/x/../', '/x/.', '//x//..//'];
  test.each(SPELLINGS)('%s', async (spelling) => {
    const context = contextWith({ keep: '' });
    const refused = { kind: 'InvalidArgs', message: expect.stringMatching(/^rm: .*: is refused/) };
    expect((await run(`rm -urf ${spelling}`, context)).error).toMatchObject(refused);
    expect((await run('rm -urf', context, [{ path: spelling }])).error).toMatchObject(refused);
  });

  test.each(['/.', '/..', '/d/..', '/d/.//'])('a File of %s', async (ending) => {
    const context = contextWith({ 'd/keep': '' });
    const { error } = await run('rm -urf', context, [{ path: context.cwd + ending }]);
    expect(error?.message).toMatch(/^rm: .*: is refused/);
    expect(readdirSync(at(context, 'd'))).toEqual(['keep']);
  });

  test.each(['.', './', '..', './.', '././/', 'd/.', 'd/..', 'd/../', './..'])('%s', async (spelling) => {
    const context = contextWith({ 'd/keep': '' });
    expect((await run(`rm -ur ${spelling}`, context)).error?.message).toMatch(/^rm: .*: is refused/);
    expect(readdirSync(at(context, 'd'))).toEqual(['keep']);
  });
});

/** `l` is a link to `real/deep`: what is above it is `real`, whatever the text says. The text used to decide. */
describe('.. after a link', () => {
  const linked = () => {
    const context = contextWith({ f: 'wrong\n', 'real/f': 'right\n', 'real/deep/x': 'x\n' });
    symlinkSync('real/deep', at(context, 'l'));
    return context;
  };

  test.each([
    ['cat l/../f', ['right']],
    ['sys cat l/../f', ['right']],
    ['cat < l/../f', ['right']],
    ['cat l/../f*', ['right']],
    ['head -1 l/../f', ['right']],
    ['ls l/../f | sechash | prop digest | count', [1]],
    ['ls l/.. | prop basename', ['deep', 'f']],
    ['walk l/.. | prop basename', ['f', 'x']],
    ['cat l/../deep/./x', ['x']],
    ['fsearch right l/.. | apply cat', ['right']],
    ['cat ./f', ['wrong']],
    ['cat real/../f', ['wrong']],
  ])('%s', async (text, expected) => {
    expect(await valuesOf(text, linked())).toEqual(expected);
  });

  test.each([
    ['rm l/../f', 'real', ['deep']],
    ['rm -u l/../f', 'real', ['deep']],
    ['mkdir l/../new', 'real', ['deep', 'f', 'new']],
    ['cat f > l/../new', 'real', ['deep', 'f', 'new']],
    ['cat f | write l/../new', 'real', ['deep', 'f', 'new']],
    ['sys cat f > l/../new', 'real', ['deep', 'f', 'new']],
    ['cp f l/../new', 'real', ['deep', 'f', 'new']],
    ['cp f l/..', 'real', ['deep', 'f']],
    ['mv l/../f f2', '.', ['f', 'f2', 'l', 'real']],
  ])('%s', async (text, directory, expected) => {
    const context = linked();
    expect((await run(text, context)).error).toBeUndefined();
    expect(readdirSync(at(context, directory))).toEqual(expected);
    expect(readFileSync(at(context, 'f'), 'utf8')).toBe('wrong\n');
  });

  test('a program that is run by its path', async () => {
    const context = linked();
    for (const [name, text] of Object.entries({ program: 'wrong', 'real/program': 'right' })) {
      writeFileSync(at(context, name), `#!/bin/sh\necho ${text}\n`, { mode: 0o755 });
    }
    expect(await valuesOf('l/../program', context)).toEqual(['right']);
  });

  test('what it leads to is not copied into itself', async () => {
    const context = linked();
    expect((await run('cp l/.. real/deep/copy', context)).error?.message).toMatch(/would go into itself/);
  });

  test('the directory that one is in has no links, so that .. is above it', async () => {
    const context = linked();
    await run('cd l', context);
    expect(context.cwd).toBe(realpathSync(path.join(context.cwd, '../../l')));
    expect(await valuesOf('cat ../f', context)).toEqual(['right']);
    expect(await valuesOf('ls ../f | prop path', context)).toEqual([path.join(context.cwd, '../f')]);
    await run('cd ../..', context);
    expect(await valuesOf('cat f', context)).toEqual(['wrong']);
  });
});

describe('a slash at the end', () => {
  test.each(['cat f/', 'head -1 f/', 'ls f/', 'sys cat < f/', 'cat < f/', 'cat g > f/', 'cat g | write f/'])(
    '%s takes nothing but a directory',
    async (text) => {
      const context = contextWith({ f: 'F', g: 'G' });
      expect((await run(text, context)).error?.message).toMatch(/f\/: (not|is) a directory/);
      expect(readFileSync(at(context, 'f'), 'utf8')).toBe('F');
    },
  );

  test.each(['rm l/', 'rm -u l/', 'rm -ur l/', 'mv l/ moved'])('%s is about the link', async (text) => {
    const context = contextWith({ 'd/keep': '' });
    symlinkSync('d', at(context, 'l'));
    expect((await run(text, context)).error).toBeUndefined();
    expect(readdirSync(context.cwd)).not.toContain('l');
    expect(readdirSync(at(context, 'd'))).toEqual(['keep']);
  });

  test('that of a File, too', async () => {
    const context = contextWith({ 'd/keep': '' });
    symlinkSync('d', at(context, 'l'));
    expect((await run('rm -ur', context, [{ path: `${at(context, 'l')}//` }])).error).toBeUndefined();
    expect([readdirSync(context.cwd), readdirSync(at(context, 'd'))]).toEqual([['d'], ['keep']]);
  });
});

test('the option cwd is taken without links, too', async () => {
  const context = contextWith({ 'real/f': 'right\n', f: 'wrong\n' });
  mkdirSync(at(context, 'real/deep'));
  symlinkSync('real/deep', at(context, 'l'));
  writeFileSync(at(context, 'real/deep/here'), '');
  const cwd = await context.directory('l');
  expect(cwd).toBe(realpathSync(at(context, 'real/deep')));
  expect(prepare('cat ../f', context, registry, { cwd }).plan.undoable).toBe(false);
  await expect(context.directory('f')).rejects.toMatchObject({ kind: 'InvalidArgs', message: 'f: not a directory' });
});
