import type { Connection } from './connection';
import { MessageType } from './message';

/** Where a message bus itself is reached. */
export const BUS = {
  destination: 'org.freedesktop.DBus',
  path: '/org/freedesktop/DBus',
  interface: 'org.freedesktop.DBus',
} as const;

/**
 * Calls a method of the bus.
 * @returns the first value of the answer
 * @throws as Connection.call
 */
export async function callBus(
  connection: Connection,
  member: string,
  signature: string,
  body: readonly unknown[],
  options: { timeoutMs?: number } = {},
): Promise<unknown> {
  const reply = await connection.call({ type: MessageType.METHOD_CALL, ...BUS, member, signature, body }, options);
  return reply.body[0];
}

/** A name that has changed hands, if that is what the bus says with this signal; an empty owner is nobody. */
export function ownerChange(message: {
  readonly sender?: string | undefined;
  readonly member?: string | undefined;
  readonly body: readonly unknown[];
}): { name: string; oldOwner: string; newOwner: string } | undefined {
  if (message.sender !== BUS.destination || message.member !== 'NameOwnerChanged') return undefined;
  const [name, oldOwner, newOwner] = message.body as [string, string, string];
  return { name, oldOwner, newOwner };
}
