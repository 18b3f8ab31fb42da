import { type Context, prepare } from '../../src/engine';
import type { HotwireError } from '../../src/errors';
import { contextWith, registry } from './support';

/** Runs a pipeline to its end. @returns its metadata in order, and the objects that it yields */
export async function recorded(text: string, context: Context = contextWith()) {
  const metadata: { command: number; key: string; value: unknown }[] = [];
  const values: unknown[] = [];
  const pipeline = prepare(text, context, registry);
  await pipeline.run({
    state: () => undefined,
    objects: async ({ objects }) => void values.push(...objects),
    metadata: async (command, key, value) => void metadata.push({ command, key, value }),
    aborted: () => undefined,
    exception: () => undefined,
  });
  const error: HotwireError | undefined = pipeline.error;
  const valuesOf = (key: string) => metadata.filter((one) => one.key === key).map(({ value }) => value);
  return { metadata, values, error, valuesOf };
}
