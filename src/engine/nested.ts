/** A pipeline that a command runs inside its own: in the same directory and environment, with the same metadata and undo. */
import { HotwireError } from '../errors';
import { assemble, StageFailure } from './assemble';
import type { Batch } from './batch';
import type { Running, Stage } from './builtin';
import { plan } from './engine';

/** What nested pipelines of a stage still have running. One entry for all rounds of a stage that runs many. */
const RUNNING = new WeakMap<Stage, Set<Running>>();

/**
 * The output of a pipeline, which starts when the first batch is asked for and is stopped when no more are. Its progress
 * and metadata count as those of `stage`; what it can undo is undone with it.
 * @param needs `idempotent` refuses a pipeline that changes something
 * @throws Parse; InvalidArgs for one that is refused or that needs input; what happens in it
 */
export async function* runNested(stage: Stage, text: string, needs?: 'idempotent'): AsyncGenerator<Batch> {
  const { context, registry, cwd, environment } = stage;
  const planned = plan(text, context, registry, { cwd, env: environment });
  if (needs === 'idempotent' && !planned.idempotent) {
    const culprit = planned.stages.find(({ command, output }) => !command.idempotent || output !== undefined);
    const why = culprit?.command.idempotent ? 'writes a file' : 'may change something';
    throw new HotwireError(
      'InvalidArgs',
      `${culprit?.command.name}: it ${why}, and only what changes nothing may run here`,
    );
  }
  if (planned.inputType !== null && !planned.inputOptional) {
    const first = planned.stages[0]?.command.name;
    throw new HotwireError('InvalidArgs', `${first} needs input (${planned.inputType}): put a command before it`);
  }
  const ending = new AbortController();
  const onAbort = () => ending.abort(stage.signal.reason);
  stage.signal.addEventListener('abort', onAbort, { once: true });
  if (stage.signal.aborted) onAbort();
  const own: Running[] = [];
  const all = runningOf(stage);
  try {
    yield* assemble(planned, {
      context,
      registry,
      cwd,
      home: context.home,
      environment,
      input: undefined,
      signal: ending.signal,
      inUse: stage.inUse,
      metadata: (_command, key, value) => stage.metadata(key, value),
      status: (_command, status, percent) => stage.status(status, percent),
      undo: (step) => stage.undo(step),
      started: (running) => {
        own.push(running);
        all.add(running);
      },
    });
  } catch (error) {
    throw error instanceof StageFailure ? error.error : error; // its number is not a number of the outer pipeline
  } finally {
    stage.signal.removeEventListener('abort', onAbort);
    ending.abort(new HotwireError('InvalidState', 'the nested pipeline has finished'));
    await Promise.all(own.map((running) => running.stop()));
    for (const running of own) all.delete(running);
  }
}

function runningOf(stage: Stage): Set<Running> {
  const known = RUNNING.get(stage);
  if (known !== undefined) return known;
  const all = new Set<Running>();
  RUNNING.set(stage, all);
  stage.started({
    stop: async () => {
      await Promise.all([...all].map((running) => running.stop()));
    },
  });
  return all;
}
