/** The client library: `connect()` opens a domain, `Domain.run()` a pipeline in it. */
export type * from './api';
export { connect } from './connect';
export { HotwireError } from '../errors';
export { PipelineError } from './remote-pipeline';
