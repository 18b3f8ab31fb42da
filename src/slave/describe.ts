import type { Dictionary } from '../contract';
import type { Pipeline } from '../engine';
import { Variant } from '../wire';
import type { HostedPipeline } from './hosted-pipeline';
import { SpooledSignals } from './spooled-signals';

type Plan = Pipeline['plan'];

/** The answer of DescribePipeline. */
export function describePlan(plan: Plan): Dictionary {
  return {
    'input-type': new Variant('s', plan.inputType ?? ''),
    'input-optional': new Variant('b', plan.inputOptional),
    'output-type': new Variant('s', plan.outputType ?? ''),
    'single-value': new Variant('b', plan.singleValue),
    idempotent: new Variant('b', plan.idempotent),
    undoable: new Variant('b', plan.undoable),
    commands: new Variant(
      'as',
      plan.stages.map((stage) => stage.command.name),
    ),
  };
}

/** Of a detached pipeline: it may have had no owner to tell it. */
function whatNobodyWasTold(exit: unknown, obstacle = ''): Dictionary {
  return {
    exit: new Variant('s', exit === undefined ? '' : JSON.stringify(exit)),
    waiting: new Variant('s', obstacle),
  };
}

/**
 * The answer of GetPipeline, and one entry of ListPipelines.
 * @param owner unique name of the client that it belongs to; undefined for one that has none
 */
export function describePipeline(hosted: HostedPipeline, owner = ''): Dictionary {
  const { plan, state, started, completed, error } = hosted.pipeline;
  return {
    id: new Variant('i', hosted.id),
    text: new Variant('s', plan.text),
    state: new Variant('s', state),
    owner: new Variant('s', owner),
    detached: new Variant('b', hosted.signals instanceof SpooledSignals),
    started: new Variant('d', started ?? 0),
    completed: new Variant('d', completed ?? 0),
    'output-type': new Variant('s', plan.outputType ?? ''),
    'single-value': new Variant('b', plan.singleValue),
    idempotent: new Variant('b', plan.idempotent),
    undoable: new Variant('b', plan.undoable),
    objects: new Variant('t', hosted.objectCount),
    signals: new Variant('t', hosted.signals.sent),
    error: new Variant('s', error ? JSON.stringify({ name: error.busName, message: error.message }) : ''),
    ...(hosted.signals instanceof SpooledSignals && whatNobodyWasTold(hosted.exit, hosted.signals.spool.obstacle)),
  };
}
