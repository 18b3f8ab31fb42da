// The real slave, as a process: built when its sources changed, started on a bus or by its activation file.
import { chmodSync, cpSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { BUS_NAME } from '../../src/contract';
import { type Bus, waitForName } from './bus';
import { environment, type Running, run, type StartOptions, start } from './process';
import { temporaryFolder } from './temp';

export const ROOT = path.resolve(__dirname, '..', '..');
/** The programs as a person starts them. */
export const HOTWIRE = path.join(ROOT, 'bin', 'hotwire');
export const HOTWIRE_SLAVE = path.join(ROOT, 'bin', 'hotwire-slave');
/** A build, and waiting for another test file that builds, may take longer than other things. */
const BUILD_PATIENCE_MS = 60_000;

let building: Promise<void> | undefined;

/** Builds dist/ when a source is newer, once a test file; to be awaited before a program of bin/ is started. */
export function built(): Promise<void> {
  building ??= run(process.execPath, [path.join(ROOT, 'scripts', 'prepare.mjs')], { patience: BUILD_PATIENCE_MS }).then(
    ({ code, stderr }) => {
      if (code !== 0) throw new Error(`can't build:\n${stderr}`);
    },
  );
  return building;
}

/** A copy of bin/ and dist/ that every user may read, wherever the checkout itself is. @returns its folder bin/ */
export async function programsForAll(): Promise<string> {
  await built();
  const folder = temporaryFolder();
  for (const part of ['bin', 'dist']) cpSync(path.join(ROOT, part), path.join(folder, part), { recursive: true });
  chmodSync(folder, 0o755);
  return path.join(folder, 'bin');
}

/** A slave on `bus` that owns its name. `args` follow `--address ADDRESS`. */
export async function startSlave(
  bus: Pick<Bus, 'address'>,
  args: readonly string[] = [],
  options: StartOptions = {},
): Promise<Running> {
  await built();
  const slave = start(HOTWIRE_SLAVE, ['--address', bus.address, ...args], options);
  const died = slave.exited.then(({ code, signal }) => {
    throw new Error(`the slave ended (${signal ?? code}) before it owned its name:\n${slave.stderr}`);
  });
  died.catch(() => undefined); // that it ends later is not of interest here
  await Promise.race([waitForName(bus, BUS_NAME), died]);
  return slave;
}

/** A folder with the activation file for `startBus({ services })`: the bus starts the slave when it is called. */
export async function activationFolder(): Promise<string> {
  await built();
  const folder = path.join(temporaryFolder(), 'services');
  mkdirSync(folder);
  const template = readFileSync(path.join(ROOT, 'dbus', `${BUS_NAME}.service.in`), 'utf8');
  writeFileSync(path.join(folder, `${BUS_NAME}.service`), template.replaceAll('@bindir@', path.join(ROOT, 'bin')));
  return folder;
}

/** Runs `hotwire` with these arguments to its end. The session bus is `bus`; without one it uses a slave of its own. */
export async function hotwire(
  args: readonly string[],
  options: { bus?: Pick<Bus, 'address'>; input?: string; env?: NodeJS.ProcessEnv } & Omit<StartOptions, 'env'> = {},
) {
  await built();
  const { bus, env, ...rest } = options;
  const address = bus === undefined ? {} : { DBUS_SESSION_BUS_ADDRESS: bus.address };
  return run(HOTWIRE, args, { ...rest, env: environment({ ...address, ...env }) });
}
