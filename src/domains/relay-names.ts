import { HotwireError } from '../errors';
import { BUS, type Connection, type IncomingMessage, MessageFlag, MessageType, Variant } from '../wire';
import type { RelayClient } from './client';

type Answer = readonly [signature: string, value: unknown];

/**
 * Answers what a slave may ask the bus about its clients, where a relay stands for that bus.
 * @returns false when the call is not for the bus
 * @throws UnknownMethod, NameHasNoOwner
 */
export function answerAsBus(
  connection: Connection,
  call: IncomingMessage,
  clientOf: (name: string) => RelayClient | undefined,
): boolean {
  const { destination, member = '' } = call;
  if (destination !== BUS.destination && !(destination === undefined && call.interface === BUS.interface)) return false;
  const question = Object.hasOwn(QUESTIONS, member) ? QUESTIONS[member] : undefined;
  if (question === undefined || call.signature !== 's') {
    throw new HotwireError('UnknownMethod', `a relay answers no ${member}(${call.signature}) for the bus`);
  }
  const name = String(call.body[0]);
  const [signature, value] = question(clientOf(name), name);
  if (call.flags & MessageFlag.NO_REPLY_EXPECTED) return true;
  const header = { type: MessageType.METHOD_RETURN, replySerial: call.serial, sender: BUS.destination };
  connection.send({ ...header, destination: call.sender, signature, body: [value] });
  return true;
}

const QUESTIONS: Readonly<Record<string, (client: RelayClient | undefined, name: string) => Answer>> = {
  NameHasOwner: (client) => ['b', client !== undefined],
  GetNameOwner: (client, name) => ['s', known(client, name).name],
  GetConnectionUnixUser: (client, name) => ['u', known(client, name).uid],
  GetConnectionCredentials: (client, name) => ['a{sv}', { UnixUserID: new Variant('u', known(client, name).uid) }],
};

function known(client: RelayClient | undefined, name: string): RelayClient {
  if (client !== undefined) return client;
  throw new HotwireError('NameHasNoOwner', `no client here has the name ${name}`);
}
