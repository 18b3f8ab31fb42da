// Where a bridge lies: nobody else may be able to put a socket of his own there, and what killed ones left is removed.
import { once } from 'node:events';
import { chmodSync, chownSync, existsSync, mkdirSync, readdirSync, renameSync, utimesSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import path from 'node:path';
import { listenInPlace, removePlace } from '../../src/domains/bridge-place';
import { onCleanup } from '../support/cleanup';
import { environment } from '../support/process';
import { temporaryFolder } from '../support/temp';

/** Some user who is not us. */
const OTHER = 65_534;
const LONG_AGO = new Date(Date.now() - 3_600_000);
const asRoot = process.getuid?.() === 0 ? test : test.skip;

function server(): Server {
  const made = createServer();
  onCleanup(() => made.close());
  return made;
}

/** A folder for XDG_RUNTIME_DIR, or for XDG_STATE_HOME, in one that `change` makes unsafe. */
function folderIn(change: (parent: string) => void): string {
  const parent = path.join(temporaryFolder(), 'parent');
  mkdirSync(path.join(parent, 'place'), { recursive: true, mode: 0o700 });
  change(parent);
  return path.join(parent, 'place');
}

const anybodys = (folder: string) => chmodSync(folder, 0o777);

test('it is in the runtime directory', async () => {
  const runtime = folderIn(() => undefined);
  const socket = await listenInPlace(server(), environment({ XDG_RUNTIME_DIR: runtime }));
  expect(path.dirname(path.dirname(socket))).toBe(path.join(runtime, 'hotwire'));
  await removePlace(socket);
  expect(readdirSync(path.join(runtime, 'hotwire'))).toEqual([]);
});

test('where others could move that away, it is beside the state of hotwire', async () => {
  const state = folderIn(() => undefined);
  const runtime = folderIn(anybodys);
  const socket = await listenInPlace(server(), environment({ XDG_RUNTIME_DIR: runtime, XDG_STATE_HOME: state }));
  expect(socket.startsWith(path.join(state, 'hotwire'))).toBe(true);
});

test('where others could move that away, too, it is nowhere', async () => {
  const state = folderIn(anybodys);
  for (const runtime of [undefined, folderIn(anybodys)]) {
    const listening = listenInPlace(server(), environment({ XDG_RUNTIME_DIR: runtime, XDG_STATE_HOME: state }));
    await expect(listening).rejects.toMatchObject({
      kind: 'AccessDenied',
      message: expect.stringContaining(`${path.dirname(state)}: others may write to it`),
    });
  }
});

asRoot('nor where another owns it', async () => {
  const runtime = folderIn((parent) => chownSync(path.join(parent, 'place'), OTHER, OTHER));
  const state = folderIn((parent) => chownSync(parent, OTHER, OTHER));
  const listening = listenInPlace(server(), environment({ XDG_RUNTIME_DIR: runtime, XDG_STATE_HOME: state }));
  await expect(listening).rejects.toMatchObject({
    kind: 'AccessDenied',
    message: expect.stringContaining(`${path.dirname(state)}: it belongs to another user (uid ${OTHER})`),
  });
  expect(readdirSync(runtime)).toEqual([]);
});

test('what killed ones have left goes, and nothing else', async () => {
  const runtime = folderIn(() => undefined);
  const env = environment({ XDG_RUNTIME_DIR: runtime });
  const parent = path.join(runtime, 'hotwire');
  const lives = await listenInPlace(server(), env);
  const starts = await listenInPlace(server(), env);
  renameSync(starts, path.join(path.dirname(starts), '.new'));
  const places = Object.fromEntries(
    ['bridge-killed', 'bridge-began', 'bridge-young', 'other'].map((name) => [name, path.join(parent, name)]),
  ) as Record<'bridge-killed' | 'bridge-began' | 'bridge-young' | 'other', string>;
  for (const place of Object.values(places)) mkdirSync(place);
  // A socket that nobody listens to: its server's name for it goes with the server, another name stays.
  for (const [place, name] of [
    [places['bridge-killed'], 'bus'],
    [places['bridge-began'], '.new'],
  ] as const) {
    const dead = server().listen(path.join(place, 'first'));
    await once(dead, 'listening');
    renameSync(path.join(place, 'first'), path.join(place, name));
    dead.close();
    await once(dead, 'close');
  }
  const old = [path.dirname(lives), path.dirname(starts), places['bridge-began'], places.other];
  for (const place of old) utimesSync(place, LONG_AGO, LONG_AGO);
  await listenInPlace(server(), env);
  expect([...old, places['bridge-young'], places['bridge-killed']].map(existsSync)).toEqual([
    true,
    true,
    false,
    true,
    true,
    false,
  ]);
});
