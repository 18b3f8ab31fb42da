// What a pipe between two programs costs in a warm slave, as a ratio to the shell's own: bytes that no builtin looks at
// should never pass through the slave. And what stopping early costs, where a builtin does look.
import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { connect, type Domain } from '../src/client';
import { startBus } from '../test/support/bus';
import { run } from '../test/support/process';
import { startSlave } from '../test/support/slave';
import { temporaryFolder } from '../test/support/temp';
import { type Figures, inTurns, ratio } from './measure';

const ROUNDS = 15;
const BYTES = 100_000_000;
const FIVE = ['7', '17', '27', '37', '47'].join('\n');
const [PIPE, SHELL_PIPE] = ["'sys cat FILE | sys wc -c', 100 MB", "sh -c 'cat FILE | wc -c'"];
const [HEAD, SHELL_HEAD] = ["'sys seq 1 1000000 | filter 7 | head 5'", "sh -c 'seq 1 1000000 | grep 7 | head -5'"];

export async function pipes(): Promise<Figures> {
  const bus = await startBus();
  await startSlave(bus);
  const domain = await connect('', { bus: bus.address });
  try {
    const file = zeros();
    const values = await inTurns(ROUNDS, {
      [SHELL_PIPE]: () => timed(String(BYTES), () => shell(`cat ${file} | wc -c`)),
      [PIPE]: () => timed(String(BYTES), () => evaluated(domain, `sys cat ${file} | sys wc -c`)),
      [SHELL_HEAD]: () => timed(FIVE, () => shell('seq 1 1000000 | grep 7 | head -5')),
      [HEAD]: () => timed(FIVE, () => evaluated(domain, 'sys seq 1 1000000 | filter 7 | head 5')),
    });
    return {
      unit: 'ms',
      values,
      ratios: [ratio(values, PIPE, SHELL_PIPE, 'at most 1.3'), ratio(values, HEAD, SHELL_HEAD)],
    };
  } finally {
    await domain.close();
  }
}

/** A file of BYTES zeros. */
function zeros(): string {
  const file = path.join(temporaryFolder(), 'zeros');
  writeFileSync(file, Buffer.alloc(BYTES));
  return file;
}

/** Milliseconds that `work` takes. @throws when its answer is another than `expected` */
async function timed(expected: string, work: () => Promise<string>): Promise<number> {
  const start = performance.now();
  const answer = await work();
  const milliseconds = performance.now() - start;
  if (answer !== expected) throw new Error(`expected ${expected}, got ${answer}`);
  return milliseconds;
}

async function shell(script: string): Promise<string> {
  const { stdout, stderr } = await run('sh', ['-c', script]);
  if (stderr !== '') throw new Error(`${script}: ${stderr}`);
  return stdout.trimEnd();
}

async function evaluated(domain: Domain, text: string): Promise<string> {
  return (await domain.evaluate(text)).flatMap(({ objects }) => objects).join('\n');
}
