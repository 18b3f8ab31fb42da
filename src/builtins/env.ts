import { type Builtin, didYouMean, nearest } from '../engine';
import { HotwireError } from '../errors';
import { batchesOfClass } from './lib/batches';

const VARIABLE = 'hotwire.sysdep.env.EnvironmentVariable';

export const env: Builtin = {
  name: 'env',
  summary: 'Variables of the environment that the programs you run are given: all, or those that are named',
  help: 'Sorted by name. setenv changes them. To run one program with others: sys env NAME=VALUE PROGRAM.',
  arguments: [{ name: 'name', kind: 'variable-name', optional: true, repeated: true }],
  input: null,
  output: VARIABLE,
  idempotent: true,
  examples: [
    { text: 'env', shows: 'all variables' },
    { text: 'env GREETING | prop value', shows: 'one of them', after: ['setenv GREETING=hello'], result: ['hello'] },
    { text: 'env | filter ^LC_ name', shows: 'those whose name matches' },
  ],
  async *run({ args, environment }) {
    const names = args.length > 0 ? args : Object.keys(environment).sort();
    const objects = names.map((name) => ({ name, value: lookUp(environment, name) }));
    yield* batchesOfClass(VARIABLE, objects);
  },
};

/** @throws InvalidArgs for a variable that is not set */
function lookUp(environment: Readonly<Record<string, string>>, name: string): string {
  const value = Object.hasOwn(environment, name) ? environment[name] : undefined;
  if (value !== undefined) return value;
  const hint = name.includes('=')
    ? `to run a program with it write sys env ${name} …; to set it, setenv ${name}`
    : didYouMean(nearest(name, Object.keys(environment)));
  throw new HotwireError('InvalidArgs', `env: no variable ${name} is set${hint ? `; ${hint}` : ''}`);
}
