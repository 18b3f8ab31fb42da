import type { Builtin } from '../engine';
import { compileCondition } from './lib/condition';
import { joinCondition } from './lib/condition-parse';

export const where: Builtin = {
  name: 'where',
  summary: 'Keeps objects for which a condition on their properties holds',
  help:
    'Outside of quotes > and < mean files: quote the whole condition, or write gt, ge, lt, le, eq, ne.\n\n' +
    'Comparisons are = != < <= > >=, in (a, b), and ~ for a regular expression (RE2; !~ for none); they are joined by and, or, not and ' +
    'parentheses. A true-or-false property stands alone. Nothing (null) equals null only, and is neither less nor more than anything. ' +
    'it is the object itself, for texts and numbers; name? is a property that may be missing.\n\n' +
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
      text: "js-eval '[{n: 1}, {n: 5}]' | iter | where n ge 5 or n = 0",
      shows: 'words instead of signs',
      result: [{ n: 5 }],
    },
    { text: "proc -a | where 'rss > 500M and owner_name != root'", shows: 'large processes of others than root' },
    { text: 'ls / | where is_directory and mtime gt 2h ago', shows: 'directories that changed lately' },
    { text: 'proc -a | where owner_name not in root,daemon', shows: 'a list of values' },
    { text: "proc -a | where 'cmd ~ ^(node|python)'", shows: 'a regular expression' },
    { text: 'sys seq 12 | where it gt 10', shows: 'texts that are numbers', result: ['11', '12'] },
  ],
  async *run({ args, input }) {
    const testFor = await compileCondition(joinCondition(args));
    for await (const { className, objects } of input) {
      const kept = objects.filter(testFor(className));
      if (kept.length > 0) yield { className, objects: kept };
    }
  },
};
