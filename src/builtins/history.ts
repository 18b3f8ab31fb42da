import type { Builtin } from '../engine';
import { HISTORY_SHOWN } from '../limits';
import { openExistingStore, readHistory } from '../store';
import { readCount } from './lib/take';

const ENTRY = 'hotwire.builtins.history.HistoryEntry';

export const history: Builtin = {
  name: 'history',
  summary: 'Pipelines that you ran by hand, the newest last: all, or those that hold a text',
  help:
    `The newest ${HISTORY_SHOWN} unless a number is given, as -20. Case does not count for a-z. They are those that are kept where this command runs: ` +
    'a pipeline is kept where it was typed, so in another domain these are what you typed there. hotwire history shows those of here, and deletes them.',
  options: [{ name: 'count', short: 'n', value: 'count', numeric: true, summary: 'How many at most' }],
  arguments: [{ name: 'text', kind: 'string', optional: true }],
  input: null,
  output: ENTRY,
  idempotent: true,
  examples: [
    { text: 'history', shows: 'what was run by hand' },
    { text: "history 'proc -a' | last 3", shows: 'the last three that hold a text' },
    { text: 'history -1000 | where exit_status ne 0', shows: 'those of the last thousand that failed' },
  ],
  async *run({ args, options, context, signal }) {
    const count = readCount('history', String(options.get('count') ?? HISTORY_SHOWN));
    const store = await openExistingStore({ environment: { ...context.environment, HOME: context.home } });
    if (store === undefined) return;
    for (const objects of readHistory(store, { text: args[0] ?? '', count })) {
      if (signal.aborted) return;
      yield { className: ENTRY, objects };
    }
  },
};
