// Two steps to a domain, and one into a namespace: input, progress, cancel and undo work all the way.
import { chmodSync, existsSync, statSync } from 'node:fs';
import path from 'node:path';
import type { Metadata } from '../../src/client/api';
import { connect } from '../../src/client/connect';
import { onCleanup } from '../support/cleanup';
import { LinkedNamespaces, whyNoNamespaces } from '../support/namespace';
import { built } from '../support/slave';
import { Sshd } from '../support/sshd';
import { temporaryFolder } from '../support/temp';
import { PATIENCE_MS } from '../support/wait';

const isRoot = process.getuid?.() === 0;
const namespaces = whyNoNamespaces() === undefined ? new LinkedNamespaces() : undefined;
const NOBODY_UID = 65534;

let server: Sshd;
let uid: number;

beforeAll(async () => {
  await built();
  server = await Sshd.start();
  await server.host('b');
  await server.host('a', { environment: { HOTWIRE_SSH: server.ssh } });
  uid = process.getuid?.() ?? 0;
}, 2 * PATIENCE_MS);

const ways: [address: string, possible: boolean, uid: () => number][] = [
  ['ssh:a/ssh:b', true, () => uid],
  ['ssh:a/sudo:nobody', isRoot, () => NOBODY_UID],
  [`exec:ip netns exec ${namespaces?.far}`, namespaces !== undefined, () => uid],
];

describe.each(ways)('%s', (address, possible, owner) => {
  (possible ? test : test.skip)('input, progress, cancel and undo', async () => {
    const domain = await connect(address, { embedded: true, environment: server.environment });
    onCleanup(() => domain.close());
    expect(await domain.context()).toMatchObject({ uid: owner() });

    const fed = await domain.run('filter o', { input: ['one', 'three', 'two'] });
    const found: unknown[] = [];
    for await (const line of fed) found.push(line);
    expect(found).toEqual(['one', 'two']);

    const told: Metadata[] = [];
    const noisy = await domain.run(`sys sh -c 'echo oops >&2; exit 3'`);
    noisy.on('metadata', (metadata) => told.push(metadata));
    await noisy.drain();
    expect(told.map(({ key, value }) => [key, value])).toEqual([
      ['hotwire.stderr', 'oops\n'],
      ['hotwire.exit', { code: 3, signal: null }],
    ]);

    const endless = await domain.run('sys yes');
    for await (const line of endless) {
      expect(line).toBe('y');
      break;
    }
    expect(endless.state).toBe('cancelled');

    const folder = temporaryFolder();
    chmodSync(folder, 0o777);
    const made = await domain.run(`mkdir ${folder}/made`);
    await made.drain();
    expect(statSync(path.join(folder, 'made')).uid).toBe(owner());
    await made.undo();
    expect(existsSync(path.join(folder, 'made'))).toBe(false);
  });
});
