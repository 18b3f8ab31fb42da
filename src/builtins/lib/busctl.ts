import { METADATA } from '../../contract';
import { Processes, type Stage } from '../../engine';
import { HotwireError } from '../../errors';

/** A method of a service of the system. */
export interface BusCall {
  readonly bus: 'system' | 'user';
  readonly service: string;
  readonly path: string;
  readonly interface: string;
  readonly method: string;
  /** Signature and values, as busctl(1) takes them. */
  readonly parameters?: readonly string[];
}

/** What busctl printed, or why there is no answer, in its own words. */
export type Answer = { readonly text: string } | { readonly refused: string; readonly cause?: unknown };

/** The command of a call. It starts no service: where there is none nothing must be waited for. */
export function busctlCommand(call: BusCall): { file: string; args: string[] } {
  const { bus, service, path, interface: name, method, parameters = [] } = call;
  return {
    file: 'busctl',
    args: [`--${bus}`, '--json=short', '--auto-start=no', 'call', service, path, name, method, ...parameters],
  };
}

/** Calls a method with systemd's own busctl. @throws Cancelled when the pipeline is cancelled */
export async function callBus(
  call: BusCall,
  { cwd, environment, signal, started }: Pick<Stage, 'cwd' | 'environment' | 'signal' | 'started'>,
): Promise<Answer> {
  const command = busctlCommand(call);
  let errors = '';
  let code: number | null = null;
  const processes = new Processes({
    commands: [{ index: 0, ...command }],
    cwd,
    environment,
    stdin: undefined,
    stdout: undefined,
    signal,
    async metadata(_, key, value) {
      if (key === METADATA.stderr) errors += value;
      if (key === METADATA.exit) code = (value as { code: number | null }).code;
    },
  });
  started(processes);
  const lines: unknown[] = [];
  try {
    for await (const { objects } of processes.output()) for (const line of objects) lines.push(line);
  } catch (error) {
    if (signal.aborted || HotwireError.from(error).kind !== 'Failed') throw error;
    return { refused: (error as Error).message, cause: error }; // there is no busctl
  }
  if (code !== 0) return { refused: errors.trim() || `${command.file} ended with status ${code}` };
  return { text: lines.join('\n') };
}

/** Units of text that a message shows at most. */
const MOST_SHOWN = 80;

/** The error for an answer that is none. */
export function unexpectedAnswer(command: string, wanted: string, text: string, cause?: unknown): HotwireError {
  const shown = text.length > MOST_SHOWN ? `${text.slice(0, MOST_SHOWN)}…` : text;
  const message = `${command}: busctl printed no ${wanted} but: ${shown || 'nothing'}; see busctl --version (240 or newer)`;
  return new HotwireError('Failed', message, { cause });
}
