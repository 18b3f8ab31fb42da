import type { CommandDeclaration } from '../language';
import type { Suggestion } from './complete-words';

/** Options of a command that begin with `typed`, which begins with a dash: short ones join those that are typed. */
export function completeOptions({ options = [] }: CommandDeclaration, typed: string): Suggestion[] {
  const long = options
    .map(({ name, summary }) => ({ value: `--${name}`, description: summary }))
    .filter(({ value }) => value.startsWith(typed));
  if (typed.startsWith('--')) return long;

  const given = [...typed.slice(1)].map((letter) => options.find(({ short }) => short === letter));
  if (given.some((option, index) => option === undefined || (option.value !== undefined && index < given.length - 1))) {
    return []; // an option that there is not, or the value of one
  }
  const last = given.at(-1);
  const itself = last ? [{ value: typed, description: last.summary }] : [];
  if (last?.value !== undefined) return itself;
  const more = options
    .filter((option) => option.short !== undefined && !given.includes(option))
    .map(({ short, summary }) => ({ value: typed + short, description: summary }));
  return [...itself, ...more, ...long];
}
