import { SIGNALS, type SignalArguments, type SignalName, signatureOf } from '../contract';
import { encodeBody, encodeObjectsBody } from '../wire';
import type { EncodedBatch } from './batches';
import type { PipelineSignals } from './signals';
import type { Spool } from './spool';

/** The signals of a detached pipeline: they go to its spool, from where whoever attaches gets them. */
export class SpooledSignals implements PipelineSignals {
  readonly spool: Spool;

  constructor(spool: Spool) {
    this.spool = spool;
  }

  get sent(): number {
    return this.spool.length;
  }

  signal<S extends SignalName>(member: S, values: SignalArguments<S>, paced: boolean): Promise<void> {
    const body = encodeBody(signatureOf(SIGNALS[member]), values);
    return this.spool.append({ member, body, paced });
  }

  objects(pipeline: number, { className, texts }: EncodedBatch): Promise<void> {
    const body = encodeObjectsBody(pipeline, className, texts);
    return this.spool.append({ member: 'PipelineObjects', body, paced: true });
  }

  discard(): void {
    this.spool.discard();
  }
}
