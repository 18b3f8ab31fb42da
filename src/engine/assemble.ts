/** A plan as one stream: each command reads what the one before yields; neighbouring system commands run as one row. */
import type { FileHandle } from 'node:fs/promises';
import { orAborted, untilAborted } from '../abort';
import { HotwireError } from '../errors';
import type { Plan, StagePlan } from '../language';
import type { Batch } from './batch';
import type { Builtin, Running, Stage } from './builtin';
import type { Context } from './context';
import { expandArguments, expandHome } from './expand';
import { openFile } from './files';
import type { FilesInUse } from './files-in-use';
import { linesOfFile, toLines } from './lines';
import { Processes, type ProcessesOptions } from './processes';
import { absolutePath, rawPath, shownArgument } from './raw-path';
import type { Registry } from './registry';

export interface Surroundings {
  readonly context: Context;
  readonly registry: Registry;
  readonly cwd: string;
  readonly home: string;
  readonly environment: Readonly<Record<string, string>>;
  /** What is fed to the first command; undefined when nothing is. */
  readonly input: AsyncIterable<Batch> | undefined;
  readonly signal: AbortSignal;
  readonly inUse: FilesInUse;
  metadata(command: number, key: string, value: unknown): Promise<void>;
  status(command: number, text: string, percent: number): void;
  undo(step: () => Promise<void>): void;
  /** Told of every row of processes, so that their end can be awaited. */
  started(running: Running): void;
}

/** An error with the command (its index) that it happened in. */
export class StageFailure {
  constructor(
    readonly error: unknown,
    readonly command: number,
  ) {}
}

/** The output of the whole plan. Errors come as StageFailure. Nothing runs before the first batch is asked for. */
export function assemble(plan: Plan, around: Surroundings): AsyncIterable<Batch> {
  let flow = around.input;
  for (let index = 0; index < plan.stages.length; ) {
    const row = processRow(plan, index, around.registry);
    const stage = plan.stages[index] as StagePlan;
    const source = stage.input ? { file: fileOf(stage.input.file, around) } : flow && { batches: flow };
    if (row.length > 0) {
      flow = attribute(runRow(row, index, source, around), index + row.length - 1);
      index += row.length;
    } else {
      flow = attribute(runBuiltin(stage, index, source, around), index, around.signal);
      index += 1;
    }
  }
  return flow ?? nothing();
}

type Source = { file: string } | { batches: AsyncIterable<Batch> } | undefined;

/** The neighbouring system commands that begin at `from`; none when a builtin stands there. */
function processRow(plan: Plan, from: number, registry: Registry): StagePlan[] {
  const row: StagePlan[] = [];
  for (let index = from; index < plan.stages.length; index += 1) {
    const stage = plan.stages[index] as StagePlan;
    if (builtinOf(stage, registry).process === undefined) break;
    row.push(stage);
  }
  return row;
}

function builtinOf(stage: StagePlan, registry: Registry): Builtin {
  const builtin = registry.get(stage.command.name);
  if (builtin === undefined) throw new HotwireError('Failed', `${stage.command.name}: no such builtin`);
  return builtin;
}

async function* runRow(row: StagePlan[], first: number, stdin: Source, around: Surroundings): AsyncGenerator<Batch> {
  const target = row.at(-1)?.output;
  const commands: ProcessesOptions['commands'][number][] = [];
  for (const [offset, stage] of row.entries()) {
    const args = await expandArguments(stage.args, around);
    const command = builtinOf(stage, around.registry).process?.({ args });
    commands.push({ index: first + offset, file: command?.file ?? '', args: command?.args ?? [] });
  }
  if (target === undefined) yield* runCommands(commands, stdin, undefined, around);
  else await runInto({ file: fileOf(target.file, around), append: target.append }, commands, stdin, around);
}

function runCommands(
  commands: ProcessesOptions['commands'],
  stdin: Source,
  stdout: ProcessesOptions['stdout'],
  around: Surroundings,
): AsyncIterable<Batch> {
  const processes = new Processes({ ...around, stdin, stdout, commands });
  around.started(processes);
  return processes.output();
}

/** A row that writes to a file. It starts, and the file is opened, once what comes before it has begun. */
async function runInto(
  stdout: NonNullable<ProcessesOptions['stdout']>,
  commands: ProcessesOptions['commands'],
  source: Source,
  around: Surroundings,
): Promise<void> {
  const fed = source && 'batches' in source ? source.batches[Symbol.asyncIterator]() : undefined;
  const releases: (() => void)[] = [];
  const hold = async (file: string, use: 'read' | 'written') => {
    releases.push(await around.inUse.holdPath(rawPath(file), use, shownArgument(file)));
  };
  try {
    const first = fed && (await orAborted(fed.next(), around.signal));
    if (source && 'file' in source) await hold(source.file, 'read');
    await hold(stdout.file, 'written');
    const stdin = fed && first ? { batches: rejoined(first, fed) } : source;
    for await (const _ of runCommands(commands, stdin, stdout, around));
  } finally {
    for (const release of releases) release();
    // It may be stuck, as in `untilAborted`, or have been stopped already.
    fed?.return?.().catch(() => undefined);
  }
}

async function* rejoined(first: IteratorResult<Batch>, rest: AsyncIterator<Batch>): AsyncGenerator<Batch> {
  if (first.done) return;
  yield first.value;
  yield* { [Symbol.asyncIterator]: () => rest };
}

async function* runBuiltin(
  plan: StagePlan,
  index: number,
  source: Source,
  around: Surroundings,
): AsyncGenerator<Batch> {
  const input =
    source && ('file' in source ? linesOfFile(rawPath(source.file), undefined, around.inUse) : source.batches);
  const stage: Stage = {
    context: around.context,
    registry: around.registry,
    evaluator: around.context.evaluator,
    cwd: around.cwd,
    environment: around.environment,
    options: plan.options,
    args: await expandArguments(plan.args, around),
    input: input ?? nothing(),
    hasInput: input !== undefined,
    signal: around.signal,
    inUse: around.inUse,
    metadata: (key, value) => around.metadata(index, key, value),
    status: (text, percent) => around.status(index, text, percent),
    undo: around.undo,
    started: around.started,
  };
  const output = builtinOf(plan, around.registry).run?.(stage) ?? nothing();
  if (plan.output === undefined) yield* output;
  else await writeTo(fileOf(plan.output.file, around), plan.output.append, output, around);
}

/** The file is opened, and what was in it lost, only once the stages have begun: an argument that is wrong costs nothing. */
async function writeTo(
  file: string,
  append: boolean,
  batches: AsyncIterable<Batch>,
  { inUse, signal }: Surroundings,
): Promise<void> {
  let handle: FileHandle | undefined;
  const open = async () => {
    signal.throwIfAborted();
    const opened = await openFile(rawPath(file), 'a', undefined, inUse);
    handle = opened;
    if (!append && (await opened.stat()).isFile()) await opened.truncate();
    return opened;
  };
  try {
    for await (const batch of batches) await (handle ?? (await open())).writeFile(toLines(batch.objects));
    if (handle === undefined) await open();
  } finally {
    await handle?.close();
  }
}

/** Marks errors with the command they come from, unless one before it did. */
async function* attribute(source: AsyncIterable<Batch>, command: number, signal?: AbortSignal): AsyncGenerator<Batch> {
  try {
    yield* signal ? untilAborted(source, signal) : source;
  } catch (error) {
    throw error instanceof StageFailure ? error : new StageFailure(error, command);
  }
}

function fileOf(argument: StagePlan['args'][number], around: Surroundings): string {
  return absolutePath(around.cwd, expandHome(argument, around.home));
}

async function* nothing(): AsyncGenerator<Batch> {}
