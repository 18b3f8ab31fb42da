import type { Piece } from './lexer';
import type { Plan, StagePlan } from './plan';
import { quote, quotePieces } from './quote';

/** The canonical text of a plan: commands and options by their full names, options before arguments. Parsing it gives the same plan. */
export function format(plan: Pick<Plan, 'stages'>): string {
  return plan.stages.map(formatStage).join(' | ');
}

function formatStage({ command, options, args, input, output }: StagePlan): string {
  const files: string[] = [];
  if (input) files.push('<', target(input.file.pieces));
  if (output) files.push(output.append ? '>>' : '>', target(output.file.pieces));
  // after a condition < and > compare; before the name they redirect, whatever follows
  const words = command.comparisons ? [...files, command.name] : [command.name];
  for (const [name, value] of options) words.push(value === true ? `--${name}` : `--${name}=${quote(value)}`);
  if (!command.passthrough && args.some(({ text }) => text.startsWith('-') && text !== '-')) words.push('--');
  for (const { pieces } of args) words.push(quotePieces(pieces));
  if (!command.comparisons) words.push(...files);
  return words.join(' ');
}

/** Where a command compares, a target was read as one word with signs in it that split words elsewhere. */
function target(pieces: readonly Piece[]): string {
  return quotePieces(
    pieces.flatMap(({ text, quoted }) =>
      quoted
        ? [{ text, quoted }]
        : text.split(/([<>]+)/).map((part, index) => ({ text: part, quoted: index % 2 === 1 })),
    ),
  );
}
