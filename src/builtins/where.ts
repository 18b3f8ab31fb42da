import type { Builtin } from '../engine';
import { checkCondition, compileCondition } from './lib/condition';
import { joinCondition } from './lib/condition-parse';

export const where: Builtin = {
  name: 'where',
  summary: 'Keeps objects for which a condition on their properties holds',
  help:
    "Up to the next bar < and > compare; to redirect, quote the whole condition, with a comparison in it: … | where 'rss > 5M' > FILE.\n\n" +
    'Comparisons are = != < <= > >= (or eq ne lt le gt ge), in (a, b), and ~ for a regular expression (RE2; !~ for none); they are joined by and, or, not and ' +
    'parentheses. A true-or-false property stands alone. Nothing (null) equals null only, and is neither less nor more than anything. ' +
    'The word it is the object itself, for texts and numbers; name? is a property that may be missing; a.b is the property b of what a holds.\n\n' +
    'Values are read by the unit of the property: sizes as 500M, 2Gi (1024) or 5MB (1000); durations as 90, 5m, 1h30m; times as ' +
    '2024-05-01, "2024-05-01 12:30", 2h ago, today, yesterday, now (of the machine that it runs on); percentages as 80%. A value or a ' +
    "property with blanks or other signs goes in quotes of its own; a quote inside them is doubled ('it''s').",
  // A condition starts with a property: that is what completion can offer. Its own syntax has - and $, so no options.
  arguments: [{ name: 'condition', kind: 'property', repeated: true }],
  passthrough: true,
  input: { type: 'any' },
  output: 'identity',
  comparisons: true,
  idempotent: true,
  examples: [
    {
      text: "js-eval '[{n: 1}, {n: 5}, {n: 9}]' | iter | where 'n > 1 and n < 9'",
      shows: 'a quoted condition',
      result: [{ n: 5 }],
    },
    {
      text: "js-eval '[{n: 1}, {n: 5}]' | iter | where n ge 5 or n eq 0",
      shows: 'words instead of signs',
      result: [{ n: 5 }],
    },
    { text: 'proc -a | where rss > 500M and owner_name != root', shows: 'large processes of others than root' },
    {
      text: "js-eval '[{stat: {size: 1}}, {stat: {size: 9}}]' | iter | where stat.size >= 5",
      shows: 'a property of a property',
      result: [{ stat: { size: 9 } }],
    },
    { text: 'ls / | where is_directory and mtime > 2h ago', shows: 'directories that changed lately' },
    { text: 'proc -a | where owner_name not in root,daemon', shows: 'a list of values' },
    { text: "proc -a | where 'cmd ~ ^(node|python)'", shows: 'a regular expression' },
    { text: 'sys seq 12 | where it gt 10', shows: 'texts that are numbers', result: ['11', '12'] },
  ],
  check({ args }, inputType) {
    checkCondition(args, inputType);
  },
  async *run({ args, input }) {
    const testFor = compileCondition(joinCondition(args));
    for await (const { className, objects } of input) {
      const kept = objects.filter(testFor(className));
      if (kept.length > 0) yield { className, objects: kept };
    }
  },
};
