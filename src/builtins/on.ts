import type { Builtin } from '../engine';
import { HotwireError } from '../errors';
import { FANOUT } from '../limits';
import { lookAt } from './lib/check';
import { readCount } from './lib/take';

export const on: Builtin = {
  name: 'on',
  summary: 'Runs a pipeline on other hosts, and goes on here with what it yields',
  help:
    "Hosts are folded names, as in 'web[1-20],db1' or '@web!web3' (see docs/hosts.md), or addresses of domains, as in " +
    'ssh:web1/sudo:postgres or local: (this one). The pipeline is one quoted word. Each object has the property @domain; text, and ' +
    'whatever else is no object, becomes an object with @domain and value. A host that fails (or whose last command is a program that ' +
    'ends with another status than 0) does not stop the others: it is told on standard error, unless all fail or --all is given. Nobody can be asked for a password here: log in with hotwire run -H first.',
  options: [
    { name: 'all', short: 'a', summary: 'Fail as soon as it has ended everywhere, if it failed on any host' },
    { name: 'fanout', short: 'f', value: 'count', summary: `On so many hosts at once (${FANOUT}, if not given)` },
  ],
  arguments: [
    { name: 'hosts', kind: 'string' },
    { name: 'pipeline', kind: 'pipeline' },
  ],
  input: null,
  output: 'any',
  examples: [
    {
      text: "on local: 'sys echo hello'",
      shows: 'a line of text, and where it is from',
      result: [{ '@domain': 'local:', value: 'hello' }],
      className: 'object',
    },
    {
      text: "on local: 'proc -a' | sort -r rss | head 5",
      shows: 'the largest processes: with web[1-3] in place of local:, of three hosts',
      className: 'hotwire.sysdep.proc.Process',
    },
  ],
  check({ options }) {
    const fanout = options.get('fanout');
    lookAt('fanout', () => fanout !== undefined && readFanout(String(fanout)));
  },
  async *run({ args: [hosts = '', text = ''], options, context, environment, signal, metadata, status }) {
    if (context.domains === undefined) {
      throw new HotwireError('NotSupported', 'on: there is no slave here that leads to other hosts: use hotwire run');
    }
    const fanout = options.get('fanout');
    yield* context.domains.run(hosts, text, {
      ...(fanout !== undefined && { fanout: readFanout(String(fanout)) }),
      all: options.has('all'),
      signal,
      environment,
      stderr: (lines) => metadata('hotwire.stderr', lines),
      status: (words) => status(words, -1),
    });
  },
};

function readFanout(text: string): number {
  const fanout = readCount('on', text);
  if (fanout > 0) return fanout;
  throw new HotwireError('InvalidArgs', 'on: --fanout has to be 1 or more');
}
