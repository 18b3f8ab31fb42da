import { setTimeout as sleep } from 'node:timers/promises';
import { type Builtin, runNested } from '../engine';
import { HotwireError } from '../errors';
import { WATCH_MAX_S, WATCH_MIN_S } from '../limits';
import { lookAt } from './lib/check';
import { readCount } from './lib/take';

export const watch: Builtin = {
  name: 'watch',
  summary: 'Runs a pipeline again and again',
  help:
    'It yields the objects of each round, and pauses for so many seconds after each. The pipeline is one quoted word and must be ' +
    'idempotent: one that changes nothing. It goes on until it is cancelled, a command after it has enough, or a round fails.',
  options: [{ name: 'rounds', short: 'n', value: 'count', summary: 'End after so many rounds' }],
  arguments: [
    { name: 'seconds', kind: 'number' },
    { name: 'pipeline', kind: 'pipeline' },
  ],
  input: null,
  output: 'any',
  idempotent: true,
  examples: [
    {
      text: "watch -n 2 0.1 'cat a.txt | count'",
      shows: 'two rounds',
      files: { 'a.txt': 'a\nb\n' },
      result: [2, 2],
    },
    {
      text: "watch 0.1 'proc -a | sort -r rss | first 2' | first 4",
      shows: 'the two largest processes, until there are four objects',
      className: 'hotwire.sysdep.proc.Process',
    },
  ],
  check({ args: [seconds = ''], options }) {
    lookAt(0, () => readSeconds(seconds));
    const rounds = options.get('rounds');
    lookAt('rounds', () => rounds !== undefined && readCount('watch', String(rounds)));
  },
  async *run(stage) {
    const { args, options, signal, status } = stage;
    const seconds = readSeconds(args[0] ?? '');
    const text = args[1] ?? '';
    const option = options.get('rounds');
    const rounds = option === undefined ? Number.POSITIVE_INFINITY : readCount('watch', String(option));
    for (let round = 1; round <= rounds; round++) {
      let count = 0;
      for await (const batch of runNested(stage, text, 'idempotent')) {
        count += batch.objects.length;
        yield batch;
      }
      status(`round ${round}: ${count} objects`, -1);
      if (round < rounds) await sleep(seconds * 1000, undefined, { signal });
    }
  },
};

function readSeconds(text: string): number {
  const seconds = /^\d*\.?\d+$/.test(text) ? Number(text) : Number.NaN;
  if (seconds >= WATCH_MIN_S && seconds <= WATCH_MAX_S) return seconds;
  throw new HotwireError(
    'InvalidArgs',
    `watch: ${text} is no pause: give seconds, from ${WATCH_MIN_S} to ${WATCH_MAX_S}, and then the pipeline in quotes`,
  );
}
