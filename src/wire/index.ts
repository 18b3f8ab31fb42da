export {
  type AddressEntry,
  escapeAddressValue,
  parseAddress,
  sessionBusAddress,
  systemBusAddress,
} from './address';
export type { CallHandler } from './call-gate';
export type { CallOptions } from './calls';
export { Connection, type ConnectionEvents, type ConnectionOptions } from './connection';
export { BusDriver, type BusDriverOptions } from './driver';
export { encodeMessage } from './encode';
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
export { decodeObjects, encodeObjectsSignal, jsonText, type Objects, type ObjectsHeader } from './objects';
export { openAddress } from './open';
export { answerPeer } from './peer-interface';
export { stdioStream, streamPair } from './stdio';
export * from './values';
