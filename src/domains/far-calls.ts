/** Calls of our own to the slave behind a relay, each in the name of a client. */
import {
  BUS_NAME,
  INTERFACE,
  METHODS,
  type MethodArguments,
  type MethodName,
  OBJECT_PATH,
  signatureOf,
} from '../contract';
import type { HotwireError } from '../errors';
import type { Connection } from '../wire';
import type { RelayClient } from './client';
import { checkReply, findSlaveAt } from './open';

const FOR_EVER = { timeoutMs: Number.POSITIVE_INFINITY };

/** What a domain is at the far end. */
export interface FarObject {
  readonly path: string;
  readonly version: string;
  readonly features: readonly string[];
}

export class FarCalls {
  readonly #connection: Connection;
  readonly #reason: () => HotwireError | undefined;

  /** @param reason why the connection has ended, once that is known */
  constructor(connection: Connection, reason: () => HotwireError | undefined) {
    this.#connection = connection;
    this.#reason = reason;
  }

  /** Opens a domain there. @throws what the slave answers; Domain.Closed */
  async open(address: string, client: RelayClient): Promise<FarObject> {
    const path = String(await this.call(client, OBJECT_PATH, 'OpenDomain', [address, {}]));
    const options = { path, sender: client.name, ...FOR_EVER };
    const { version, features } = await findSlaveAt(this.#connection, options).catch(this.#told);
    return { path, version, features };
  }

  /**
   * Calls a method of Slave1. @returns the first value of the answer
   * @throws what the slave answers; Domain.VersionMismatch when that is of another type; why the connection has ended
   */
  async call<M extends MethodName>(
    client: RelayClient,
    path: string,
    member: M,
    body: MethodArguments<M>,
  ): Promise<unknown> {
    const { in: given, out } = METHODS[member];
    const call = { path, interface: INTERFACE, member, signature: signatureOf(given), body };
    const message = { ...call, destination: BUS_NAME, sender: client.name };
    const reply = await this.#connection.call(message, FOR_EVER).catch(this.#told);
    checkReply(member, reply.signature, signatureOf(out));
    return reply.body[0];
  }

  /** Why the connection has ended tells more than that it has. */
  readonly #told = (error: HotwireError): never => {
    throw this.#reason() ?? error;
  };
}

/** It has ended by itself meanwhile. */
export function unlessGone(error: HotwireError): void {
  if (!['UnknownObject', 'NoSuchPipeline', 'Domain.Closed', 'Disconnected'].includes(error.kind)) throw error;
}
