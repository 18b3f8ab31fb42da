// What a relay reads of the messages that pass, and what it says itself.
import { INTERFACE, SIGNALS, type SignalName, signatureOf } from '../contract';
import type { HotwireError } from '../errors';
import { MAX_DETACHED_ID, NO_SIGNAL } from '../limits';
import { freeText, type IncomingMessage, MessageType } from '../wire';
import type { RelayClient } from './client';
import type { RelayedObject } from './relayed-object';

/** Keeps in mind which pipelines a client has to be told the end of. */
export function note(call: IncomingMessage, reply: IncomingMessage, running: Set<number> | undefined): void {
  if (running === undefined) return;
  if (call.member === 'RunPipeline' || call.member === 'RunPipelineWithOptions') {
    const id = pipelineOf(reply);
    if (id !== undefined && id > MAX_DETACHED_ID) running.add(id);
  } else if (call.member === 'AttachPipeline') {
    const [id, from] = call.body as [number, number];
    if (from === NO_SIGNAL) running.delete(id);
    else running.add(id);
  }
}

/** The number that the body begins with, where it stands. */
export function pipelineOf({
  signature,
  frame: { bytes, bigEndian, bodyOffset },
}: IncomingMessage): number | undefined {
  if (!signature.startsWith('i') || bytes.length < bodyOffset + 4) return undefined;
  return bigEndian ? bytes.readInt32BE(bodyOffset) : bytes.readInt32LE(bodyOffset);
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
