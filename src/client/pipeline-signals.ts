/** Signals of a pipeline, checked against the contract. */
import { SIGNALS, type SignalArguments, type SignalName, signatureOf } from '../contract';
import { HotwireError } from '../errors';
import { decodeObjects, type IncomingMessage } from '../wire';
import type { Batch } from './api';

/** @throws InvalidArgs for a signal that is not as the contract has it, and as JSON.parse */
export function decodeBatch(message: IncomingMessage): Batch {
  if (message.member === 'PipelineObjects') return decodeObjects(message);
  const [, className, json] = argumentsOf(message, 'PipelineResult');
  return { className, objects: [JSON.parse(json)] };
}

/** @throws InvalidArgs as above */
export function argumentsOf<S extends SignalName>({ signature, body }: IncomingMessage, member: S): SignalArguments<S> {
  const expected = signatureOf(SIGNALS[member]);
  if (signature === expected) return body as unknown as SignalArguments<S>;
  throw new HotwireError('InvalidArgs', `it comes as '${expected}', not '${signature}'`);
}
