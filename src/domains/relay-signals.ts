// What a relay reads of the messages that pass, and what it says itself.
import { INTERFACE, SIGNALS, type SignalName, signatureOf } from '../contract';
import type { HotwireError } from '../errors';
import { MAX_DETACHED_ID, NO_SIGNAL } from '../limits';
import { bodyOf, freeText, type IncomingMessage, leadingInt32, MessageType, validateBody } from '../wire';
import type { RelayClient } from './client';
import type { RelayedObject } from './relayed-object';

/**
 * Keeps in mind which pipelines a client has to be told the end of.
 * @param running undefined when it has closed their domain meanwhile
 * @returns the one that was started
 */
export function note(
  call: IncomingMessage,
  reply: IncomingMessage,
  running: Set<number> | undefined,
): number | undefined {
  if (call.member === 'RunPipeline' || call.member === 'RunPipelineWithOptions') {
    const id = leadingInt32(reply);
    if (id === undefined || id <= MAX_DETACHED_ID) return undefined;
    running?.add(id);
    return id;
  }
  if (call.member === 'AttachPipeline' && call.body[1] === NO_SIGNAL) running?.delete(call.body[0] as number);
  return undefined;
}

/** The same by what is told of one: a detached one that was attached to is running if anything but its end comes. */
export function noteState(signal: IncomingMessage, id: number, running: Set<number>): void {
  const ends = signal.member === 'PipelineStateChanged' && signal.body[1] !== 'executing';
  if (ends) running.delete(id);
  else running.add(id);
}

/** Tells a client the end of a pipeline there, for a reason that is none of the pipeline's. */
export function tellEnd(client: RelayClient, { path }: RelayedObject, id: number, error: HotwireError): void {
  signalTo(client, path, 'PipelineException', [id, freeText(error.traceback)]);
  signalTo(client, path, 'PipelineStateChanged', [id, 'exception']);
}

/** Says something to a client in the name of an object here. */
export function signalTo({ connection, name }: RelayClient, path: string, member: SignalName, body: unknown[]): void {
  const signature = signatureOf(SIGNALS[member]);
  if (connection.closed) return;
  connection.send({ type: MessageType.SIGNAL, destination: name, path, interface: INTERFACE, member, signature, body });
}

/**
 * A bus cuts off whoever sends it a body that is not what its signature says: all the work of this slave would end for one
 * bad message of one peer. @throws InvalidArgs
 */
export function assertAccepted({ frame, signature }: IncomingMessage, { connection }: RelayClient): void {
  const isBus = connection.localName === undefined;
  if (isBus) validateBody(bodyOf(frame), frame.bigEndian, signature);
}
