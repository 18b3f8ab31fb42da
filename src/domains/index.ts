export { type AddressPart, formatDomainAddress, parseDomainAddress } from './address';
export { Bridge, type BridgeOptions, endBridge } from './bridge';
export { BRIDGED_BUSES, type BridgedBus, keep, routeOfArgument, startCarrier } from './bridge-far';
export { refusingDialogue } from './bridge-handshake';
export type { RelayClient } from './client';
export { DOMAINS_PATH, DomainDirectory, type DomainEntry } from './directory';
export { joinStreams } from './join';
export { keepAlive } from './keep-alive';
export { type OpenPeer, type OpenPeerOptions, openPeer } from './open';
export { privateDirectory } from './private-directory';
export { hasWorkingDirectory } from './process';
export {
  findResident,
  openResident,
  ownResidentPlace,
  RESIDENT_VARIABLES,
  type ResidentPlace,
  rerunLocked,
  residentPlace,
} from './resident';
export { foregroundLogin } from './ssh';
export { type Peer, type StartOptions, startPeer } from './start';
