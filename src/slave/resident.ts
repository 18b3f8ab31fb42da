/** The slave on a socket of its user, for as long as it has detached pipelines to hold: see domains/resident.ts. */
import { chmod, mkdir, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import type { ResidentPlace } from '../domains';
import { HotwireError } from '../errors';
import type { Connection } from '../wire';
import { DetachedPipelines } from './detached';
import type { Service, ServiceOptions } from './service';
import { servePeer } from './stdio';

type PeerOptions = Omit<ServiceOptions, 'uidOf'>;

/** Of the directory; nobody else gets as far as the socket in it. */
const OWNER_ONLY = 0o700;

/** Serves every peer that connects. The lock of the place must be held: whoever has it is the only one. */
export class ResidentSlave {
  readonly #options: PeerOptions;
  readonly #place: ResidentPlace;
  readonly detached: DetachedPipelines;
  #server: Server;
  readonly #peers = new Map<Connection, Service>();

  /**
   * @param onIdle called when there is no client and nothing to hold, and when there is again
   * @throws Failed when it can't listen
   */
  static async listen(
    place: ResidentPlace,
    options: PeerOptions,
    onIdle: (idle: boolean) => void,
  ): Promise<ResidentSlave> {
    const { registry, log } = options;
    const slave: ResidentSlave = new ResidentSlave(
      place,
      options,
      await DetachedPipelines.create({ registry, log, directory: place.spool, onEmpty: () => onIdle(slave.idle) }),
      onIdle,
    );
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

  /** Listens no more if it is idle; false when somebody has come meanwhile, and then it goes on. */
  async leaveIfIdle(): Promise<boolean> {
    if (!this.idle) return false;
    await rm(this.#place.socket, { force: true });
    // Whoever connected before that is about to be accepted.
    await new Promise((resolve) => setImmediate(resolve));
    this.#server.close();
    if (this.idle) return true;
    this.#server = this.#createServer();
    await this.#listen();
    return false;
  }

  /** Fails everything, for this reason. Resolves once the last process and the last file are gone. */
  async close(reason: HotwireError): Promise<void> {
    this.#server.close();
    await rm(this.#place.socket, { force: true });
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
    const { directory, socket } = this.#place;
    await mkdir(directory, { recursive: true, mode: OWNER_ONLY });
    await chmod(directory, OWNER_ONLY); // should it have been there before
    await rm(socket, { force: true });
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(socket, resolve);
    }).catch((cause: Error) => {
      throw new HotwireError('Failed', `can't listen on ${socket}: ${cause.message}`, { cause });
    });
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
