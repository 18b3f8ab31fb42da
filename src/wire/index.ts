export {
  type AddressEntry,
  escapeAddressValue,
  parseAddress,
  sessionBusAddress,
  systemBusAddress,
} from './address';
export { BUS, callBus, ownerChange } from './bus-calls';
export type { CallHandler } from './call-gate';
export type { CallOptions } from './calls';
export { Connection, type ConnectionEvents, type ConnectionOptions } from './connection';
export { BusDriver, type BusDriverOptions } from './driver';
export { encodeBody, encodeMessage } from './encode';
export { bodyOf, encodeAround, encodeForwarded, leadingInt32 } from './forward';
export { freeText } from './free-text';
export { clientDialogue, type Dialogue, newId, serverDialogue, shakeHands } from './handshake';
export { encodeHeader, type HeaderToEncode } from './header';
export {
  type Frame,
  type IncomingMessage,
  MessageFlag,
  type MessageHeader,
  MessageType,
  type OutgoingMessage,
  Variant,
} from './message';
export { isBusName, isInterfaceName, isMemberName, isObjectPath } from './names';
export {
  decodeObjects,
  encodeObjectsBody,
  encodeObjectsSignal,
  jsonText,
  type Objects,
  type ObjectsHeader,
} from './objects';
export { openAddress } from './open';
export { answerPeer, machineId } from './peer-interface';
export { stdioStream, streamPair } from './stdio';
export { validateBody } from './validate';
export * from './values';
