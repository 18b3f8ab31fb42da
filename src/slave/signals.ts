import type { SignalArguments, SignalName } from '../contract';
import type { EncodedBatch } from './batches';

/** Where the signals of one pipeline go, in the order in which things happen, whatever their kind. */
export interface PipelineSignals {
  /** Signals so far, of any kind: the number of the next. */
  readonly sent: number;
  /**
   * Puts a signal behind those before it. One that is `paced` waits for whoever takes them; a state does not.
   * Resolves once it is on its way, rejects when it is discarded.
   */
  signal<S extends SignalName>(name: S, values: SignalArguments<S>, paced: boolean): Promise<void>;
  /** PipelineObjects, paced. */
  objects(pipeline: number, batch: EncodedBatch): Promise<void>;
  /** Drops what is paced and still waits: it is not wanted any more. */
  discard(): void;
}
