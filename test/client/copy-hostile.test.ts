// What a side that lies, dies or says nothing more can do to a copy, between real slaves: see Copying.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type CopyOptions, connect, copy, type Domain, type RemotePipeline } from '../../src/client';
import { readListed } from '../../src/client/transfer-objects';
import { TRANSFER_WINDOW_BYTES } from '../../src/limits';
import { onCleanup } from '../support/cleanup';
import { environment } from '../support/process';
import { built } from '../support/slave';
import { temporaryFolder } from '../support/temp';

jest.setTimeout(60_000);

let honest: Domain;

const slave = () => connect('', { embedded: true, environment: environment() });

beforeAll(async () => {
  await built();
  honest = await slave();
});
afterAll(() => honest.close());

/** A domain that runs other pipelines than those it is told to. */
function lying(
  domain: Domain,
  lie: (text: string) => string,
  seen = (pipeline: RemotePipeline, _: string) => pipeline,
) {
  return new Proxy(domain, {
    get: (_, name: keyof Domain) =>
      name === 'run'
        ? async (text: string, options: object) => seen(await domain.run(lie(text), options), text)
        : domain[name],
  });
}

describe('a source', () => {
  /** Copies `report.txt` from one that lies. */
  const start = (lie: (text: string) => string, options: CopyOptions & { source?: string } = {}) => {
    const [source, target] = [temporaryFolder(), temporaryFolder()];
    writeFileSync(path.join(source, 'report.txt'), 'evil');
    mkdirSync(path.join(source, '.ssh'));
    mkdirSync(path.join(target, '.ssh'));
    for (const folder of [source, target]) writeFileSync(path.join(folder, '.ssh/keys'), path.basename(folder));
    const from = { domain: lying(honest, lie), cwd: source, name: 'source' };
    const to = { domain: honest, cwd: target, name: 'target' };
    const done = copy(from, [options.source ?? 'report.txt'], to, './', options);
    return { done, target };
  };
  const lists = (what: string) => (text: string) => (text.startsWith('pack --list') ? `pack --list ${what}` : text);
  const sends = (change: string) => (text: string) =>
    text === 'pack' ? `pack | js-map '(Object.assign({}, it, ${change}))'` : text;

  test.each([
    ['lists what was not asked for', lists('.ssh'), /^source: it lists \.ssh, which was not asked for/],
    ['lists more than was asked for', lists('report.txt .ssh'), /^source: it lists \.ssh, which was not asked for/],
    ['sends it under another name', sends('{path: ".ssh/keys"}'), /^source: it sends report.txt with another path /],
    [
      'sends it under other bytes',
      sends('{path_bytes: "LnNzaC9rZXlz"}'),
      /^source: it sends report.txt with another path_bytes /,
    ],
    ['sends another kind', sends('{kind: "link", target: "/"}'), /^source: it sends report.txt with another kind /],
    ['sends another size', sends('{size: 5}'), /^source: it sends report.txt with another size /],
    ['sends another entry', sends('{number: 7}'), /^source: it sends entry 7, whose turn it is not/],
    ['sends content of nothing', sends('{number: 7, kind: null}'), /^source: it sends content of entry 7/],
    ['goes on where nothing is', sends('{offset: 2}'), /^source: it sends report.txt from byte 2 on, which was not/],
    [
      'sends it twice',
      (text) => (text === 'pack' ? 'pack | js-map "[it, it]" | iter' : text),
      /^source: it sends entry 0, whose turn/,
    ],
  ] as [string, (text: string) => string, RegExp][])('that %s', async (_, lie, message) => {
    const { done, target } = start(lie);
    await expect(done).rejects.toThrow(message);
    expect(readFileSync(path.join(target, '.ssh/keys'), 'utf8')).toBe(path.basename(target));
    expect(readdirSync(path.join(target, '.ssh'))).toEqual(['keys']);
  });

  test('of a pattern lists what matches it alone', async () => {
    const options = { patterns: true, source: 'r*.txt' };
    const { done, target } = start(lists('report.txt .ssh'), options);
    await expect(done).rejects.toThrow(/lists \.ssh/);
    expect(readdirSync(path.join(target, '.ssh'))).toEqual(['keys']);
    expect(await start((text) => text, options).done).toMatchObject({ placed: 1 });
  });
});

describe('a target that does not answer, with all offered that may be', () => {
  const ENTRIES = 12_000;
  const listed = `js-eval 'Array.from({length: ${ENTRIES}}, (_, n) => ({number: n, kind: "file", path: "a/" + "x".repeat(900) + n, root: "/", size: 1, mode: 0, mtime: 0}))' | iter`;
  const list = (text: string) => (text.startsWith('pack --list') ? listed : text);
  const check = (text: string) => (text.startsWith('unpack --check') ? 'sort number' : text);

  /** @param full told when it has been offered as much as may wait for an answer */
  const start = async (victim: Domain, signal: AbortSignal, full: () => void) => {
    let weight = 0;
    const counted = (pipeline: RemotePipeline, text: string) => {
      if (!text.startsWith('unpack --check')) return pipeline;
      const put = pipeline.put.bind(pipeline);
      pipeline.put = async (objects) => {
        for (const object of objects) weight += readListed(object).weight;
        await put(objects);
        if (weight > TRANSFER_WINDOW_BYTES) full();
      };
      return pipeline;
    };
    const to = { domain: lying(victim, check, counted), cwd: temporaryFolder(), name: 'target' };
    return copy({ domain: lying(honest, list), name: 'source' }, ['a'], to, './', { signal });
  };

  test('an abort ends it, and nothing was warned of', async () => {
    const victim = await slave();
    const stop = new AbortController();
    const warnings: Error[] = [];
    const warn = (warning: Error) => void warnings.push(warning);
    process.on('warning', warn);
    onCleanup(() => void process.off('warning', warn));
    await expect(start(victim, stop.signal, () => stop.abort(new Error('stopped')))).rejects.toThrow('stopped');
    expect(warnings).toEqual([]);
    await victim.close();
  });

  test('its death ends it', async () => {
    const victim = await slave();
    const { pid } = await victim.context();
    const done = start(victim, new AbortController().signal, () => process.kill(Number(pid), 'SIGKILL'));
    await expect(done).rejects.toThrow(/^target: /);
    await victim.close().catch(() => undefined);
  });
});
