/** The slave on a socket of its user, for as long as it has detached pipelines to hold: see domains/resident.ts. */
import { randomBytes } from 'node:crypto';
import { statSync, watch } from 'node:fs';
import { readdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import path from 'node:path';
import { privateDirectory, type ResidentPlace } from '../domains';
import { HotwireError } from '../errors';
import type { Connection } from '../wire';
import { DetachedPipelines } from './detached';
import type { Service, ServiceOptions } from './service';
import { servePeer } from './stdio';

type PeerOptions = Omit<ServiceOptions, 'uidOf'>;

/** Names of the directories of spools begin so; the process id follows. */
const SPOOL = 'spool-';

/** Serves every peer that connects. The lock of the place must be held: whoever has it is the only one. */
export class ResidentSlave {
  readonly #options: PeerOptions;
  readonly #place: ResidentPlace;
  readonly detached: DetachedPipelines;
  #server: Server;
  /** Of our socket. */
  #inode: number | undefined;
  #leaving = false;
  readonly #peers = new Map<Connection, Service>();

  /**
   * @param onIdle called when there is no client and nothing to hold, and when there is again
   * @throws Failed when it can't listen; AccessDenied where others could listen instead
   */
  static async listen(
    place: ResidentPlace,
    options: PeerOptions,
    onIdle: (idle: boolean) => void,
  ): Promise<ResidentSlave> {
    const { registry, log } = options;
    privateDirectory(place.directory); // nobody else gets as far as the socket in it
    await removeOldSpools(place.directory);
    const directory = path.join(place.directory, `${SPOOL}${process.pid}-${randomBytes(4).toString('hex')}`);
    const detached = new DetachedPipelines({ registry, log, directory, onEmpty: () => onIdle(slave.idle) });
    const slave: ResidentSlave = new ResidentSlave(place, options, detached, onIdle);
    await slave.#listen();
    return slave;
  }

  private constructor(
    place: ResidentPlace,
    options: PeerOptions,
    detached: DetachedPipelines,
    private readonly onIdle: (idle: boolean) => void,
  ) {
    this.#place = place;
    this.#options = { ...options, detached };
    this.detached = detached;
    this.#server = this.#createServer();
  }

  get idle(): boolean {
    return this.#peers.size === 0 && this.detached.empty;
  }

  /** Resolves once nobody can find it any more: its socket was removed, or replaced. */
  lost(): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (this.#isThere()) return;
        watcher.close();
        resolve();
      };
      const watcher = watch(this.#place.directory, { persistent: false }, look);
      watcher.on('error', look);
    });
  }

  #isThere(): boolean {
    return this.#leaving || inodeOf(this.#place.socket) === this.#inode;
  }

  /** Listens no more if it is idle; false when somebody has come meanwhile, and then it goes on. */
  async leaveIfIdle(): Promise<boolean> {
    if (!this.idle) return false;
    this.#leaving = true;
    await rm(this.#place.socket, { force: true });
    // Whoever connected before that is about to be accepted.
    await new Promise((resolve) => setImmediate(resolve));
    this.#server.close();
    if (this.idle) return true;
    this.#server = this.#createServer();
    await this.#listen();
    this.#leaving = false;
    return false;
  }

  /** Fails everything, for this reason. Resolves once the last process and the last file are gone. */
  async close(reason: HotwireError): Promise<void> {
    // Closing a server removes what has the name of its socket, which may be another's by now.
    if (this.#isThere()) this.#server.close();
    await this.detached.close(reason);
    await Promise.all([...this.#peers.values()].map((service) => service.close(reason)));
    await Promise.all([...this.#peers.keys()].map((connection) => connection.close({ follow: false })));
  }

  #createServer(): Server {
    return createServer((socket) => {
      this.#serve(socket).catch((error: unknown) => {
        this.#options.log.warn({ err: error }, 'a peer could not be served');
        socket.destroy();
      });
    });
  }

  async #listen(): Promise<void> {
    const { socket } = this.#place;
    await rm(socket, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(socket, resolve);
    }).catch((cause: Error) => {
      throw new HotwireError('Failed', `can't listen on ${socket}: ${cause.message}`, { cause });
    });
    this.#inode = inodeOf(socket);
  }

  async #serve(socket: Socket): Promise<void> {
    const { connection, service } = await servePeer(socket, this.#options);
    this.#peers.set(connection, service);
    this.onIdle(false);
    const left = () => {
      this.#peers.delete(connection);
      service.forgetAll();
      if (this.idle) this.onIdle(true);
    };
    if (connection.closed) left();
    else connection.once('close', left);
  }
}

function inodeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.ino;
}

/** What slaves that live no more have left there can't be attached to. */
async function removeOldSpools(directory: string): Promise<void> {
  for (const name of await readdir(directory)) {
    if (!name.startsWith(SPOOL) || lives(Number.parseInt(name.slice(SPOOL.length), 10))) continue;
    await rm(path.join(directory, name), { recursive: true, force: true });
  }
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
