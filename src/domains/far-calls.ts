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
import { HotwireError } from '../errors';
import type { Connection, Variant } from '../wire';
import type { RelayClient } from './client';

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
    const get = { path, interface: 'org.freedesktop.DBus.Properties', member: 'GetAll', signature: 's' };
    const [all] = await this.#ask(client, { ...get, body: [INTERFACE] }, 'a{sv}');
    const { Version, Features } = all as Record<'Version' | 'Features', Variant | undefined>;
    const features = Array.isArray(Features?.value) ? Features.value.map(String) : [];
    return { path, version: String(Version?.value), features };
  }

  /**
   * Calls a method of Slave1. @returns the first value of the answer
   * @throws what the slave answers; InvalidArgs when that is of another type; why the connection has ended
   */
  async call<M extends MethodName>(
    client: RelayClient,
    path: string,
    member: M,
    body: MethodArguments<M>,
  ): Promise<unknown> {
    const { in: given, out } = METHODS[member];
    const call = { path, interface: INTERFACE, member, signature: signatureOf(given), body };
    return (await this.#ask(client, call, signatureOf(out)))[0];
  }

  async #ask(
    client: RelayClient,
    call: { path: string; interface: string; member: string; signature: string; body: readonly unknown[] },
    out: string,
  ): Promise<readonly unknown[]> {
    const message = { ...call, destination: BUS_NAME, sender: client.name };
    const reply = await this.#connection.call(message, FOR_EVER).catch((error: HotwireError) => {
      throw this.#reason() ?? error;
    });
    if (reply.signature === out) return reply.body;
    throw new HotwireError('InvalidArgs', `${call.member} was answered as '${reply.signature}', not '${out}'`);
  }
}

/** It has ended by itself meanwhile. */
export function unlessGone(error: HotwireError): void {
  if (!['UnknownObject', 'NoSuchPipeline', 'Domain.Closed', 'Disconnected'].includes(error.kind)) throw error;
}
