// A place for sockets is only where nobody else can put one.
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  realpathSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import path from 'node:path';
import { findResident, openResident, residentPlace } from '../../src/domains';
import { connectorFor } from '../../src/domains/connector';
import { privateDirectory } from '../../src/domains/private-directory';
import { foregroundLogin } from '../../src/domains/ssh';
import { onCleanup } from '../support/cleanup';
import { environment } from '../support/process';
import { temporaryFolder } from '../support/temp';
import { partOf } from './ssh-support';

/** Some user who is not us. */
const OTHER = 65_534;
const asRoot = process.getuid?.() === 0 ? test : test.skip;

/** A path below a folder of its own: what is above it is as `change` makes it. */
function below(change: (folder: string) => void): string {
  const folder = path.join(temporaryFolder(), 'folder');
  mkdirSync(folder);
  change(folder);
  return path.join(folder, 'place');
}

describe('a private directory', () => {
  test('is made, for its owner alone', () => {
    const place = path.join(
      below(() => undefined),
      'deep',
    );
    expect(privateDirectory(place)).toBe(realpathSync(place));
    expect(statSync(place).mode & 0o777).toBe(0o700);
  });

  test('that others could read is closed', () => {
    const place = below((folder) => mkdirSync(path.join(folder, 'place'), { mode: 0o755 }));
    privateDirectory(place);
    expect(statSync(place).mode & 0o777).toBe(0o700);
  });

  test('is named without the symbolic links that lead there', () => {
    const folder = temporaryFolder();
    mkdirSync(path.join(folder, 'real'));
    symlinkSync('real', path.join(folder, 'link'));
    expect(privateDirectory(path.join(folder, 'link', 'place'))).toBe(path.join(realpathSync(folder), 'real', 'place'));
  });

  test('may lie where all may write and nobody may remove what is not his', () => {
    expect(privateDirectory(below((folder) => chmodSync(folder, 0o1777)))).toMatch(/place$/);
  });

  test.each([
    ['all may write to it', (place: string) => mkdirAs(place, 0o777), /place: others may write to it/],
    ['a group may write to it', (place: string) => mkdirAs(place, 0o770), /place: others may write to it/],
    ['it is a link', (place: string) => symlinkSync('/', place), /place: it is no directory/],
    ['all may write above it', (place: string) => chmodSync(path.dirname(place), 0o777), /folder: others may write/],
  ])('is none where %s', (_title, change, message) => {
    const place = below(() => undefined);
    change(place);
    expect(() => privateDirectory(place)).toThrow(
      expect.objectContaining({ kind: 'AccessDenied', message: expect.stringMatching(message) }),
    );
  });

  asRoot.each([
    ['it is', (place: string) => chownSync(place, OTHER, OTHER), /place: it belongs to another user \(uid 65534\)/],
    ['what is above it is', (place: string) => chownSync(path.dirname(place), OTHER, OTHER), /folder: it belongs to/],
    ['a group above it is', (place: string) => shareWith(path.dirname(place)), /folder: others may write to it/],
  ])("is none where %s another's (needs root)", (_title, change, message) => {
    const place = below((folder) => mkdirSync(path.join(folder, 'place')));
    change(place);
    expect(() => privateDirectory(place)).toThrow(expect.objectContaining({ message: expect.stringMatching(message) }));
  });

  test('that can not be made', () => {
    const place = below((folder) => writeFileSync(path.join(folder, 'place'), ''));
    expect(() => privateDirectory(path.join(place, 'in'))).toThrow(expect.objectContaining({ kind: 'Failed' }));
  });
});

function mkdirAs(place: string, mode: number): void {
  mkdirSync(place);
  chmodSync(place, mode);
}

function shareWith(folder: string): void {
  chownSync(folder, 0, OTHER);
  chmodSync(folder, 0o775);
}

describe('where others may write', () => {
  const surroundings = () => environment({ XDG_STATE_HOME: below((folder) => chmodSync(folder, 0o777)) });

  test('there is no master of ssh', () => {
    const { command } = connectorFor(partOf('ssh:web1'), { environment: surroundings(), timeoutMs: 1000 });
    expect(command).toEqual(expect.arrayContaining(['ControlPath=none']));
    expect(() => foregroundLogin(partOf('ssh:web1'), surroundings())).toThrow(/others may write to it/);
  });

  test('no resident slave is started, or found', async () => {
    const place = surroundings();
    const { directory, socket } = residentPlace(place);
    const refused = { kind: 'AccessDenied', message: expect.stringMatching(/folder: others may write to it/) };
    await expect(openResident(['node', 'hotwire-slave'], place)).rejects.toMatchObject(refused);
    mkdirSync(directory, { recursive: true });
    const server = createServer((peer) => peer.destroy()).listen(socket);
    onCleanup(() => server.close());
    let connected = false;
    server.on('connection', () => {
      connected = true;
    });
    await expect(findResident(place)).rejects.toMatchObject(refused);
    expect(connected).toBe(false);
  });

  test('looking for a resident slave makes nothing', async () => {
    const place = environment({ XDG_STATE_HOME: below(() => undefined) });
    expect(await findResident(place)).toBeUndefined();
    expect(existsSync(residentPlace(place).directory)).toBe(false);
  });
});
