import { Command, CommanderError } from 'commander';
import { EXIT } from '../errors';
import { Sink } from '../render';
import { VERSION } from '../version';
import { addAliasCommands, alias, unalias } from './alias-command';
import { bridge } from './bridge';
import { addBridgeCommand } from './bridge-command';
import { addCompleteCommand, complete } from './complete';
import { addCopyCommands } from './copy-commands';
import { addDomainCommands } from './domains';
import { addHistoryCommand, history } from './history-command';
import { addJobCommands } from './job-commands';
import { failureStatus, failureText } from './outcome';
import { addRunCommand } from './run-command';
import { runTyped } from './run-typed';
import type { Surroundings } from './surroundings';

const AFTER_HELP = `
Examples:
  hotwire run 'proc -a | filter -i node cmd'
  hotwire run 'ls /usr | sort -r basename | head 3'
  hotwire run 'help'

Exit status: 0 done, 1 the pipeline failed, 2 it does not parse or the command
line is wrong, 3 there is no slave to run it, 130 cancelled. All of them, and
more examples: hotwire run --help
`;

/** Help is no wider: it is read, also in a narrow window beside the work. */
const HELP_WIDTH = 78;

/** Parses the command line (without the program's own name) and does what it says. @returns the exit status */
export async function execute(words: readonly string[], surroundings: Surroundings): Promise<number> {
  let status: number = EXIT.ok;
  const help: string[] = [];
  const program = new Command('hotwire')
    .description('Run pipelines that carry objects, not text.')
    .version(VERSION, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .enablePositionalOptions()
    .exitOverride()
    .configureOutput({
      writeOut: (text) => help.push(text),
      // usage errors are written below, in one form; help that nobody asked for is not shown
      writeErr: () => {},
      outputError: () => {},
      getOutHelpWidth: () => Math.min(surroundings.stdout.columns || HELP_WIDTH, HELP_WIDTH),
      getOutHasColors: () => false,
    })
    .addHelpText('after', AFTER_HELP);
  addRunCommand(program, async (text, options) => {
    status = await runTyped(text, options, surroundings);
  });
  addJobCommands(program, surroundings, async (ended) => {
    status = await ended;
  });
  addDomainCommands(program, surroundings, async (ended) => {
    status = await ended;
  });
  addCopyCommands(program, surroundings, async (ended) => {
    status = await ended;
  });
  addCompleteCommand(program, async (text, options) => {
    status = await complete(text, options, surroundings);
  });
  addHistoryCommand(program, async (text, options) => {
    status = await history(text, options, surroundings);
  });
  addAliasCommands(program, {
    alias: async (words, options) => {
      status = await alias(words, options, surroundings);
    },
    unalias: async (names) => {
      status = await unalias(names, surroundings);
    },
  });
  addBridgeCommand(program, async (address, options) => {
    status = await bridge(address, options, surroundings);
  });
  try {
    await program.parseAsync(words, { from: 'user' });
    return status;
  } catch (thrown) {
    if (!(thrown instanceof CommanderError)) throw thrown;
    if (thrown.exitCode === 0) return await show(help.join(''), surroundings);
    tell(usageError(thrown, program, words), surroundings);
    return EXIT.usage;
  }
}

async function show(text: string, surroundings: Surroundings): Promise<number> {
  const sink = new Sink(surroundings.stdout, { name: 'standard output' });
  sink.push(text);
  try {
    await sink.flush();
    return EXIT.ok;
  } catch (failure) {
    const words = failureText(failure, false);
    if (words !== undefined) tell(`hotwire: ${words}\n`, surroundings);
    return failureStatus(failure);
  }
}

/** To standard error; should that be broken, there is nobody to tell. */
function tell(text: string, { stderr }: Surroundings): void {
  new Sink(stderr, { name: 'standard error' }).push(text);
}

/** What is wrong with the command line, in one line, and where to read more. */
function usageError({ code, message }: CommanderError, program: Command, words: readonly string[]): string {
  const command = program.commands.find((one) => one.name() === words[0]);
  const help = command ? `hotwire ${command.name()} --help` : 'hotwire --help';
  const unknown = words[0] === 'help' && words[1] !== undefined ? `unknown command '${words[1]}'` : undefined;
  const problem =
    code === 'commander.help' ? (unknown ?? 'no command given') : message.replace(/^error: /, '').replace(/\n/g, ' ');
  return `hotwire: ${problem}\nsee '${help}'\n`;
}
