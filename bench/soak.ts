// The long soak: what is left of 10,000 pipelines of 1,000 clients, most of which left without a word. Nothing may be.
import { leftOver, type Remains } from '../test/support/remains';
import { soak as run } from '../test/support/soak';
import type { Figures } from './measure';

const PIPELINES = 10_000;
const CLIENTS = 1000;
const MIB = 1024 * 1024;
const [HEAP, RESIDENT] = ['heap in use after a collection', 'resident memory'];

export async function soak(): Promise<Figures> {
  const { pipelines, clients, seconds, before, after, memory, stderr } = await run(PIPELINES, CLIENTS);
  const heap = memory.map((sample) => sample.heap / MIB);
  const resident = memory.map((sample) => sample.rss / MIB);
  const grown = (name: string, list: readonly number[]) => ({
    name: `${name}: last third ÷ second`,
    values: [(list[2] as number) / (list[1] as number)],
    aim: 'at most 1.1',
  });
  const left = leftOver(before, after);
  return {
    unit: 'MiB',
    how: 'Of the slave, after each third: median [least – most].',
    values: { [HEAP]: heap, [RESIDENT]: resident },
    ratios: [grown(HEAP, heap), grown(RESIDENT, resident)],
    notes: [
      `${pipelines} pipelines of ${clients} clients in ${Math.round(seconds)} s.`,
      `Before: ${described(before)}. After: ${described(after)}. ${
        left.length === 0 ? 'Nothing is left.' : `A defect: left are ${left.join('; ')}.`
      }`,
      stderr === '' ? 'The slave logged no error.' : `The slave logged:\n${stderr}`,
    ],
  };
}

function described({ children, descriptors, pipes, rules, connections, files }: Remains): string {
  return (
    `${children.length} child processes, ${descriptors.length + pipes} descriptors (${pipes} pipes), ${rules} match rules, ` +
    `${connections} connections, ${files.length} files and folders`
  );
}
