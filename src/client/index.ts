/** The client library: `connect()` opens a domain, `Domain.run()` a pipeline in it. */

export { HotwireError } from '../errors';
export type * from './api';
export { connect } from './connect';
export { PipelineError } from './remote-pipeline';
