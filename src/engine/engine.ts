import { isSubclass } from '../classes';
import { HotwireError } from '../errors';
import { format, type Plan, parse, type Vocabulary } from '../language';
import { type Context, expandTilde } from './context';
import { Pipeline, type PipelineOptions } from './pipeline';
import { findProgram, programNames } from './programs';
import type { Registry } from './registry';

/**
 * Parses and type-checks `text` for a context: its directory and PATH say which words are programs.
 * @throws Parse
 */
export function plan(text: string, context: Context, registry: Registry, options: PipelineOptions = {}): Plan {
  const searchPath = options.env?.PATH ?? context.environment.PATH ?? '';
  const vocabulary: Vocabulary = {
    command: (name) => registry.get(name),
    isProgram: (word) =>
      findProgram(expandTilde(word, context.home), options.cwd ?? context.cwd, searchPath) !== undefined,
    names: function* () {
      yield* registry.names();
      yield* programNames(searchPath);
    },
    isSubclass,
  };
  return parse(text, vocabulary);
}

/**
 * A pipeline ready to run.
 * @throws Parse; InvalidArgs when `input` is given to one that takes none, or missing for one that needs it
 */
export function prepare(text: string, context: Context, registry: Registry, options: PipelineOptions = {}): Pipeline {
  const planned = plan(text, context, registry, options);
  const first = planned.stages[0]?.command.name ?? '';
  if (options.input && planned.inputType === null) {
    throw new HotwireError(
      'InvalidArgs',
      `option input: ${format({ stages: planned.stages.slice(0, 1) })}: it takes no input`,
    );
  }
  if (!options.input && planned.inputType !== null && !planned.inputOptional) {
    throw new HotwireError(
      'InvalidArgs',
      `${first} needs input (${planned.inputType}): put a command before it, or start it with the option input`,
    );
  }
  return new Pipeline(planned, context, registry, options);
}
