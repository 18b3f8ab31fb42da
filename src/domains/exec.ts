/** `exec:COMMAND …`: any command that runs `sh -c SCRIPT` somewhere (a container, a namespace), or is a peer by itself. */
import { type AddressPart, decodeValue } from './address';
import type { Connector, ConnectorOptions } from './connector';

/** The last word of a command that speaks D-Bus by itself. */
const STDIO = '--stdio';

/** Words are split at blanks; within a word, a blank, `/` and `%` are percent-encoded. @throws Domain.BadAddress */
export function execConnector(part: AddressPart, { environment }: ConnectorOptions): Connector {
  const command = part.rest
    .split(/\s+/)
    .filter((word) => word !== '')
    .map((word) => decodeValue(word, part.text));
  return {
    address: part.text,
    command,
    joins: command.at(-1) === STDIO ? 'itself' : 'words',
    environment,
    nodeHint: process.execPath,
    absent: ['Domain.ProgramMissing', 'it has to be on PATH here'],
    explain: () => undefined,
  };
}
