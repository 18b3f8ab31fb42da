/** What is run in a place to have a slave there: one line of sh that finds hotwire, else node, else says what is missing. */
import { randomBytes } from 'node:crypto';
import type { Bundle } from './bundle';
import type { Connector } from './connector';
import { LOADER } from './loader';

export const LEAST_NODE_MAJOR = 20;
const NONCE_BYTES = 8;
/** What sh does not leave alone within double quotes, or some login shell within single ones. */
const STRANGE = /['"\\`$!\p{Cc}]/gu;

export interface Bootstrap {
  /** Words that follow those of the connector. */
  readonly words: readonly string[];
  /** What a marker line begins with; never in the words themselves, so that no echo of them looks like one. */
  readonly mark: string;
}

/**
 * Login shells of all kinds pass the line on: it has no single quote, `!`, backslash or line end within its quotes.
 * @param program arguments of hotwire-slave; what is strange in one is percent-encoded, as only an address has such
 */
export function bootstrap(
  connector: Connector,
  program: readonly string[],
  bundle: Pick<Bundle, 'hash' | 'size'>,
): Bootstrap {
  const nonce = randomBytes(NONCE_BYTES).toString('hex');
  const hint = connector.nodeHint?.search(STRANGE) === -1 ? connector.nodeHint : '';
  const loader = Buffer.from(LOADER).toString('base64');
  const given = program.map((argument) => `"${argument.replace(STRANGE, percentEncoded)}"`).join(' ');
  const expected = `${LEAST_NODE_MAJOR} ${bundle.size} ${bundle.hash}`;
  const script = [
    connector.prelude,
    `m=HOTWIRE; m=$m-${nonce}`,
    `if command -v hotwire-slave >/dev/null 2>&1; then echo "$m ready"; exec hotwire-slave ${given}; fi`,
    `n=$(command -v node || command -v nodejs)`,
    `if [ -z "$n" ] && [ -x "${hint}" ]; then n="${hint}"; fi`,
    `if [ -z "$n" ]; then echo "$m none $PATH"; exit 0; fi`,
    // An old node has neither atob nor a quote to spare.
    `exec "$n" -e "eval(Buffer.from(process.argv[1],process.argv[2]).toString())" ${loader} base64 "$m" ${expected} ${given}`,
  ]
    .filter((line) => line !== undefined)
    .join('; ');
  const words = connector.joins === 'line' ? [`exec sh -c '${script}'`] : ['sh', '-c', script];
  return { words, mark: `HOTWIRE-${nonce}` };
}

function percentEncoded(character: string): string {
  return `%${character.charCodeAt(0).toString(16).padStart(2, '0')}`;
}
