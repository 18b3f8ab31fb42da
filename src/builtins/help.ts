import { type Builtin, didYouMean, isUndoable, nearest } from '../engine';
import { HotwireError } from '../errors';

export const help: Builtin = {
  name: 'help',
  summary: 'What commands there are and how they are used',
  arguments: [{ name: 'command', kind: 'builtin', optional: true }],
  input: null,
  output: 'hotwire.builtins.help.HelpItem',
  idempotent: true,
  examples: [
    { text: 'help', shows: 'all commands' },
    { text: 'help sort | prop usage', shows: 'how sort is written', result: ['sort [-r] [PROPERTY...]'] },
  ],
  async *run({ args, registry }) {
    const [name] = args;
    const found = name === undefined ? registry.list() : [registry.get(name)];
    const objects = found.map((builtin) => {
      if (builtin !== undefined) return describeBuiltin(builtin);
      const near = didYouMean(nearest(name ?? '', registry.names())) ?? 'help alone lists those there are';
      throw new HotwireError('InvalidArgs', `help: there is no command ${name}: ${near}`);
    });
    yield { className: 'hotwire.builtins.help.HelpItem', objects };
  },
};

/** See the class hotwire.builtins.help.HelpItem. */
function describeBuiltin(builtin: Builtin): Readonly<Record<string, unknown>> {
  return {
    name: builtin.name,
    aliases: builtin.aliases ?? [],
    summary: builtin.summary,
    usage: usageOf(builtin),
    help: builtin.help ?? null,
    options: (builtin.options ?? []).map(({ name, short = null, value = null, summary }) => ({
      name,
      short,
      value,
      summary,
    })),
    arguments: (builtin.arguments ?? []).map(({ name, kind, optional = false, repeated = false }) => ({
      name,
      kind,
      optional,
      repeated,
    })),
    input: builtin.input?.type ?? null,
    input_optional: builtin.input?.optional ?? false,
    output: builtin.output,
    single_value: builtin.singleValue ?? false,
    idempotent: builtin.idempotent ?? false,
    undoable: isUndoable(builtin),
    examples: builtin.examples.map(({ text, shows, result }) => (result ? { text, shows, result } : { text, shows })),
  };
}

/** `head [-n COUNT] [COUNT OR FILE...]` */
function usageOf({ name, options = [], arguments: args = [] }: Builtin): string {
  const optionTexts = options.map((option) => {
    const spelling = option.short === undefined ? `--${option.name}` : `-${option.short}`;
    return `[${spelling}${option.value === undefined ? '' : ` ${option.value.toUpperCase()}`}]`;
  });
  const argumentTexts = args.map(({ name: argument, optional, repeated }) => {
    const text = argument.toUpperCase() + (repeated ? '...' : '');
    return optional ? `[${text}]` : text;
  });
  return [name, ...optionTexts, ...argumentTexts].join(' ');
}
