/**
 * Groups of hosts: `@name` from /etc/hotwire/groups and the user's own file (a line each, `name: nodes`, as ClusterShell's
 * local groups), `@ssh:pattern` from the hosts of ssh's configuration, `@*` all that the files name.
 */
import { homedir } from 'node:os';
import path from 'node:path';
import { HotwireError } from '../errors';
import { didYouMean, nearest } from '../language/near';
import type { Groups, GroupText } from './folded-names';
import { readHostsFile } from './host-files';
import { sshConfigFile, sshHosts, wildcard } from './ssh-hosts';

/** Groups of the whole system. */
const SYSTEM_FILE = '/etc/hotwire/groups';
const ALL = '*';
const GROUP_NAME = /^[\w.-]+$/;

/** The groups that a user has: files are read when a group is first asked for. */
export class HostGroups implements Groups {
  readonly #environment: NodeJS.ProcessEnv;
  readonly #systemFile: string;
  #local: ReadonlyMap<string, GroupText> | undefined;

  constructor(environment: NodeJS.ProcessEnv, systemFile = SYSTEM_FILE) {
    this.#environment = environment;
    this.#systemFile = systemFile;
  }

  find(source: string | undefined, name: string): GroupText[] {
    if (name === '') throw new HotwireError('Domain.BadAddress', "behind '@' stands the name of a group, or *");
    if (source === 'ssh') return this.#ofSsh(name);
    if (source !== undefined && source !== 'local') {
      throw new HotwireError(
        'Domain.BadAddress',
        `there is no source of groups '${source}': local (the files) and ssh are`,
      );
    }
    const groups = this.#groups();
    if (name === ALL) return [...groups.values()];
    const found = groups.get(name);
    if (found !== undefined) return [found];
    const hint =
      didYouMean(nearest(name, groups.keys())) ?? `add a line '${name}: …' to ${userFile(this.#environment)}`;
    throw new HotwireError('Domain.BadAddress', `there is no group @${name}: ${hint}`);
  }

  #ofSsh(pattern: string): GroupText[] {
    const like = wildcard(pattern);
    const file = sshConfigFile(this.#environment);
    const hosts = sshHosts(this.#environment);
    const found = hosts.filter((host) => like.test(host));
    if (found.length > 0) return [{ names: found, origin: file }];
    const hint = didYouMean(nearest(pattern, hosts)) ?? `@ssh:* are all ${hosts.length} of them`;
    throw new HotwireError('Domain.BadAddress', `${file} names no host '${pattern}': ${hint}`);
  }

  /** The user's own take the place of the system's of the same name. */
  #groups(): ReadonlyMap<string, GroupText> {
    this.#local ??= new Map([...readGroups(this.#systemFile), ...readGroups(userFile(this.#environment))]);
    return this.#local;
  }
}

/** A relative XDG_CONFIG_HOME does not count, as its specification demands. */
function userFile({ XDG_CONFIG_HOME = '', HOME }: NodeJS.ProcessEnv): string {
  const folder = path.isAbsolute(XDG_CONFIG_HOME) ? XDG_CONFIG_HOME : path.join(HOME || homedir(), '.config');
  return path.join(folder, 'hotwire', 'groups');
}

function readGroups(file: string): Map<string, GroupText> {
  const groups = new Map<string, GroupText>();
  for (const [index, line] of (readHostsFile(file)?.split('\n') ?? []).entries()) {
    const text = line.replace(/(?:^|\s)#.*/, '').trim();
    if (text === '') continue;
    const colon = text.indexOf(':');
    const name = text.slice(0, Math.max(0, colon)).trim();
    const origin = `${file}:${index + 1}`;
    if (!GROUP_NAME.test(name)) {
      throw new HotwireError(
        'Domain.BadAddress',
        `${origin}: a line is a group's name, a colon, and its hosts: web: web[1-20],db1`,
      );
    }
    const before = groups.get(name);
    if (before !== undefined) {
      const message = `${origin}: the group ${name} is in ${before.origin} already: put its hosts in one line`;
      throw new HotwireError('Domain.BadAddress', message);
    }
    groups.set(name, { text: text.slice(colon + 1).trim(), origin });
  }
  return groups;
}
