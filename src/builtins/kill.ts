import { type Builtin, describe, type Stage } from '../engine';
import { HotwireError } from '../errors';
import { Failures } from './lib/failures';
import { noOutput } from './lib/no-output';
import { readBootTime, readProcess } from './lib/processes';
import { isRecord } from './lib/property';
import { readSignal } from './lib/signals';

/** The clock may be set between two looks at a process: its start then seems to differ by as much, in seconds. */
const START_TOLERANCE_S = 2;
/** Linux's largest process id. */
const MAX_PID = 2 ** 22;

export const kill: Builtin = {
  name: 'kill',
  summary: 'Sends a signal to processes: TERM, unless another is given first',
  help:
    'Processes are named by their ids, after the signal if one is given (kill -9 12 13), or flow in; one that flows in and has ended since is left alone, even where another has its id ' +
    'now. What could not be done is told at the end, after the others. The process that runs the pipeline is never hit. -0 only tells ' +
    'whether a signal could be sent. For process groups there is the program: sys kill.',
  arguments: [{ name: '-signal or pid', kind: 'pid', optional: true, repeated: true }],
  passthrough: true,
  input: {
    type: 'hotwire.sysdep.proc.Process',
    optional: true,
    unless: ({ args }) => splitArguments(args).pids.length > 0,
  },
  output: null,
  examples: [
    { text: "proc | filter '^sleep 1234$' cmd | kill -KILL", shows: 'ending the processes that are found', result: [] },
    {
      text: 'proc | where cmd == no-such-program | kill -9',
      shows: 'the same, with the number of the signal',
      result: [],
    },
  ],
  run: (stage) => noOutput(() => killAll(stage)),
};

async function killAll({ args, input, hasInput, signal }: Stage): Promise<void> {
  const { number, pids } = readArguments(args);
  if (pids.length === 0 && !hasInput) {
    throw new HotwireError('InvalidArgs', 'kill: name the id of a process, or put a command like proc before it');
  }
  const failures = new Failures('kill');
  for (const pid of pids) send(pid, number, failures);
  const bootTime = readBootTime();
  for await (const { objects } of input) {
    signal.throwIfAborted();
    for (const object of objects) {
      const { pid, start_time: start } = readObject(object);
      if (isAnother(pid, start, bootTime)) failures.add(`${pid}: it has ended, and another process has its id`);
      else send(pid, number, failures);
    }
  }
  failures.throwAny();
}

/** All of them are checked before anything is sent. @throws InvalidArgs */
function readArguments(args: readonly string[]): { number: number; pids: number[] } {
  const { signal, pids } = splitArguments(args);
  return { number: readSignal('kill', signal), pids: pids.map(readPid) };
}

/** `-NAME` or `-NUMBER` comes first, if at all; `--` may end it. */
function splitArguments(args: readonly string[]): { signal: string; pids: readonly string[] } {
  const [first = '', ...rest] = args;
  const isSignal = /^-[^-]/.test(first);
  const words = isSignal ? rest : args;
  return { signal: isSignal ? first.slice(1) : 'TERM', pids: words[0] === '--' ? words.slice(1) : words };
}

function readPid(text: string): number {
  if (/^[1-9]\d*$/.test(text) && Number(text) <= MAX_PID) return Number(text);
  const advice = /^(?:0|-\d+)$/.test(text)
    ? `it stands for many processes: to mean that, write sys kill -TERM -- ${text}`
    : 'give ids, as proc shows them, after the signal';
  throw new HotwireError('InvalidArgs', `kill: ${text || "''"} is no process id: ${advice}`);
}

function readObject(object: unknown): { pid: number; start_time: unknown } {
  const { pid, start_time } = isRecord(object) ? object : {};
  if (typeof pid === 'number' && Number.isInteger(pid) && pid > 0 && pid <= MAX_PID) return { pid, start_time };
  throw new HotwireError('InvalidArgs', 'kill: what flows in has no process id: it takes objects as proc yields them');
}

/** Whether an id belongs to another process by now. One that is gone is told by the attempt. */
function isAnother(pid: number, start: unknown, bootTime: number): boolean {
  if (typeof start !== 'number') return false;
  const now = readProcess(pid, bootTime, String)?.start_time;
  return now !== undefined && Math.abs(now - start) > START_TOLERANCE_S;
}

const REASONS: Readonly<Record<string, string>> = { ESRCH: 'no such process', EINVAL: 'no such signal here' };

function send(pid: number, signal: number, failures: Failures): void {
  if (pid === process.pid) {
    failures.add(`${pid}: it is the process that runs this pipeline; to end it write sys kill ${pid}`);
    return;
  }
  try {
    process.kill(pid, signal);
  } catch (error) {
    const failure = error as NodeJS.ErrnoException;
    failures.add(`${pid}: ${REASONS[failure.code ?? ''] ?? describe(failure)}`);
  }
}
