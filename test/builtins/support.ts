import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { createRegistry } from '../../src/builtins';
import type { PipelineState } from '../../src/contract';
import { DomainDirectory } from '../../src/domains';
import { type Batch, Context, type Pipeline, prepare } from '../../src/engine';
import type { HotwireError } from '../../src/errors';
import { Accounts } from '../../src/slave/account';
import { farDomains } from '../../src/slave/far-domains';
import { createLog } from '../../src/slave/log';
import { temporaryFolder } from '../support/temp';

const contexts: Context[] = [];

export const registry = createRegistry();

/** What the command `on` runs its pipelines in. */
const house = {
  registry,
  log: createLog('silent'),
  accounts: new Accounts(),
  domains: new DomainDirectory(),
  directory: '/',
  program: [],
};

/** Ends what the contexts of this file's tests hold. For `afterAll`. */
export async function closeContexts(): Promise<void> {
  await Promise.all(contexts.splice(0).map((context) => context.close()));
}

/** A context in a fresh folder that holds `files` (name → text). */
export function contextWith(files: Readonly<Record<string, string>> = {}): Context {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true });
    writeFileSync(path.join(folder, name), text);
  }
  const context = new Context({ cwd: folder });
  context.setEnvironment({ XDG_DATA_HOME: temporaryFolder() }); // its trash, not that of whoever runs the tests
  context.domains = farDomains(house);
  contexts.push(context);
  return context;
}

export interface Outcome {
  readonly state: PipelineState;
  readonly batches: readonly Batch[];
  readonly values: readonly unknown[];
  readonly error: HotwireError | undefined;
  readonly pipeline: Pipeline;
}

/** Runs a pipeline in the real engine, to its end. `input` is fed to it; its output becomes the context's current. */
export async function run(text: string, context = contextWith(), input?: readonly unknown[]): Promise<Outcome> {
  const pipeline = prepare(text, context, registry, input ? { input: true } : {});
  const batches: Batch[] = [];
  const ended = pipeline.run({
    state: () => undefined,
    objects: async (batch) => void batches.push(batch),
    metadata: async () => undefined,
    aborted: () => undefined,
    exception: () => undefined,
  });
  if (input) await pipeline.input?.put(input, 0);
  pipeline.input?.close();
  const state = await ended;
  if (batches.length > 0) context.setCurrent(batches);
  return { state, batches, values: batches.flatMap((batch) => batch.objects), error: pipeline.error, pipeline };
}

/** Why a pipeline fails, or is refused before it runs; undefined when it does neither. */
export async function failureOf(
  text: string,
  context?: Context,
  input?: readonly unknown[],
): Promise<HotwireError | undefined> {
  return run(text, context, input).then(
    ({ error }) => error,
    (refused: HotwireError) => refused,
  );
}

/** The values that a pipeline yields; throws its error when it fails. */
export async function valuesOf(
  text: string,
  context?: Context,
  input?: readonly unknown[],
): Promise<readonly unknown[]> {
  const { values, error } = await run(text, context, input);
  if (error) throw error;
  return values;
}
