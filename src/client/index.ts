/** The client library: `connect()` opens a domain, `Domain.run()` a pipeline in it. */

export {
  Bridge,
  type BridgedBus,
  type BridgeOptions,
  endBridge,
  formatDomainAddress,
  parseDomainAddress,
} from '../domains';
export { HotwireError } from '../errors';
export type * from './api';
export { connect } from './connect';
export { connectAll } from './connect-all';
export { type CopyFailure, type CopyOptions, type CopyProgress, type CopySide, type CopySummary, copy } from './copy';
export { foldNames } from './fold-names';
export { unfoldNames } from './folded-names';
export type * from './group-api';
export { type Host, resolveHosts } from './hosts';
export { PipelineError } from './remote-pipeline';
