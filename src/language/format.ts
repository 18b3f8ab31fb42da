import type { Plan, StagePlan } from './plan';
import { quote, quotePieces } from './quote';

/** The canonical text of a plan: commands and options by their full names, options before arguments. Parsing it gives the same plan. */
export function format(plan: Plan): string {
  return plan.stages.map(formatStage).join(' | ');
}

function formatStage({ command, options, args, input, output }: StagePlan): string {
  const words = [command.name];
  for (const [name, value] of options) words.push(value === true ? `--${name}` : `--${name}=${quote(value)}`);
  if (!command.passthrough && args.some(({ text }) => text.startsWith('-') && text !== '-')) words.push('--');
  for (const { pieces } of args) words.push(quotePieces(pieces));
  if (input) words.push('<', quotePieces(input.file.pieces));
  if (output) words.push(output.append ? '>>' : '>', quotePieces(output.file.pieces));
  return words.join(' ');
}
