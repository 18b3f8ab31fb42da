import { INTERFACE, OBJECT_PATH, SIGNALS, type SignalArguments, type SignalName, signatureOf } from '../contract';
import {
  type Connection,
  encodeAround,
  encodeForwarded,
  encodeMessage,
  encodeObjectsSignal,
  type IncomingMessage,
  MessageType,
} from '../wire';
import type { EncodedBatch } from './batches';

/** Puts signals for one client on the wire, each addressed to it alone. */
export interface SignalSender {
  /** @returns its size in bytes */
  signal<S extends SignalName>(name: S, values: SignalArguments<S>): number;
  /** PipelineObjects, by the encoder that is made for it. @returns its size in bytes */
  objects(pipeline: number, batch: EncodedBatch): number;
  /** A signal whose body is encoded already. @returns its size in bytes */
  encoded(pipeline: number, member: SignalName, body: Buffer): number;
  /** A signal that another slave sent. */
  forwarded(pipeline: number, signal: IncomingMessage): void;
}

/**
 * @param client its unique name; undefined for the only peer of a connection that has said no Hello
 * @param sent told the serial of every signal that belongs to a pipeline
 */
export function createSender(
  connection: Connection,
  client: string | undefined,
  sent: (serial: number, pipeline: number) => void,
): SignalSender {
  const header = { path: OBJECT_PATH, interface: INTERFACE, destination: client, sender: connection.localName };
  const objectsHeader = { ...header, member: 'PipelineObjects' satisfies SignalName };
  const send = (pipeline: unknown, encode: (serial: number) => Buffer): number => {
    let size = 0;
    const used = connection.sendBytes((serial) => {
      const bytes = encode(serial);
      size = bytes.length;
      return bytes;
    });
    if (typeof pipeline === 'number') sent(used, pipeline);
    return size;
  };
  return {
    signal: (member, body) => {
      const message = { ...header, type: MessageType.SIGNAL, member, signature: signatureOf(SIGNALS[member]), body };
      return send(body[0], (serial) => encodeMessage(message, serial));
    },
    objects: (pipeline, { className, texts }) =>
      send(pipeline, (serial) => encodeObjectsSignal(objectsHeader, pipeline, className, texts, serial)),
    encoded: (pipeline, member, body) => {
      const signature = signatureOf(SIGNALS[member]);
      return send(pipeline, (serial) =>
        encodeAround({ ...header, type: MessageType.SIGNAL, member, signature }, body, serial),
      );
    },
    forwarded: (pipeline, signal) => {
      send(pipeline, (serial) => encodeForwarded(signal, header, serial));
    },
  };
}
