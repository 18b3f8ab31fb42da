// The program `hotwire`: the process as a command's surroundings.
import { isatty } from 'node:tty';
import { execute } from './program';
import type { Surroundings } from './surroundings';

const surroundings: Surroundings = {
  get stdin() {
    return process.stdin;
  },
  stdinIsTerminal: isatty(0),
  stdout: process.stdout,
  stderr: process.stderr,
  environment: process.env,
  cwd: () => process.cwd(),
  signals: process,
  leave: (status) => process.exit(status),
  connect: async (address, options) => (await import('../client')).connect(address, options),
  connectAll: async (hosts, options) => (await import('../client')).connectAll(hosts, options),
};

// what was written has left by now: a handle that is still open (a terminal that is read) must not keep the process
void execute(process.argv.slice(2), surroundings).then((status) => process.exit(status));
