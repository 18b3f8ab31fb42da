// What went wrong at many hosts, as few lines: hosts with the same trouble share one.
import type { HotwireError } from '../errors';
import { foldNames } from './fold-names';
import type { HostFailure } from './group-api';

/** Stands for the host in a message. */
const HOST = '\0';

/**
 * A line for each kind and message, with the hosts folded: `web[3,7]: Domain.Unreachable: …`.
 * @param hosts all that there are, in the order in which they are told
 * @param words what is told of an error: for people, unless given
 */
export function failureLines(
  failures: readonly HostFailure[],
  hosts: readonly string[],
  words: (error: HotwireError) => string = briefly,
): string[] {
  const order = new Map(hosts.map((host, index) => [host, index]));
  const place = ({ domain }: HostFailure) => order.get(domain) ?? hosts.length;
  const alike = new Map<string, { kind: string; message: string; hosts: string[] }>();
  for (const { domain, error } of failures.toSorted((a, b) => place(a) - place(b))) {
    const message = withoutHost(words(error), domain);
    const key = `${error.kind} ${message}`;
    const found = alike.get(key);
    if (found === undefined) alike.set(key, { kind: error.kind, message, hosts: [domain] });
    else found.hosts.push(domain);
  }
  return [...alike.values()].map(({ kind, message, hosts }) => {
    const folded = foldNames(hosts);
    return `${folded}: ${kind}: ${message.replaceAll(HOST, () => folded)}`;
  });
}

function briefly({ kind, message }: HotwireError): string {
  return kind === 'PipelineFailed' ? (message.split('\n', 1)[0] ?? '') : message;
}

/** A message that names its host says the same at another one. */
function withoutHost(message: string, domain: string): string {
  const host = domain
    .replace(/^ssh:/, '')
    .replace(/^[^@]*@/, '')
    .replace(/:\d+$/, '');
  let text = message;
  for (const name of [`ssh:${domain}`, domain, host]) {
    if (name === '') continue;
    const words = name.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    text = text.replace(new RegExp(`(?<![\\w.-])${words}(?![\\w-])`, 'g'), HOST);
  }
  return text.startsWith(`${HOST}: `) ? text.slice(`${HOST}: `.length) : text;
}
