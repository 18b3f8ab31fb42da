// Two network namespaces with one link between them, which a test can cut. Nothing of it touches the machine's network.
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { onCleanup } from './cleanup';

/** Of the documentation's addresses, and only in the namespaces. */
const NEAR_ADDRESS = '192.0.2.1';
const FAR_ADDRESS = '192.0.2.2';

/** Why there can be no namespaces here; undefined when there can. */
export function whyNoNamespaces(): string | undefined {
  if (process.getuid?.() !== 0) return 'only root may make network namespaces';
  const name = `hwt-${randomBytes(4).toString('hex')}`;
  const { status, stderr, error } = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  if (status !== 0) return `no network namespace can be made: ${error?.message ?? stderr}`;
  spawnSync('ip', ['netns', 'delete', name]);
  return undefined;
}

export class LinkedNamespaces {
  readonly near: string;
  readonly far: string;
  readonly farAddress = FAR_ADDRESS;

  constructor() {
    const id = randomBytes(3).toString('hex');
    this.near = `hwt-n${id}`;
    this.far = `hwt-f${id}`;
    onCleanup(() => this.remove());
    for (const name of [this.near, this.far]) ip('netns', 'add', name);
    ip('-n', this.near, 'link', 'add', 'near', 'type', 'veth', 'peer', 'name', 'far', 'netns', this.far);
    for (const [name, device, address] of [
      [this.near, 'near', NEAR_ADDRESS],
      [this.far, 'far', FAR_ADDRESS],
    ] as const) {
      ip('-n', name, 'address', 'add', `${address}/24`, 'dev', device);
      for (const each of ['lo', device]) ip('-n', name, 'link', 'set', each, 'up');
    }
  }

  /** The words before a program that runs in one of them. */
  inside(name: string): string[] {
    return ['ip', 'netns', 'exec', name];
  }

  /** From now on everything is lost on the way, and nobody is told. */
  cut(): void {
    ip('-n', this.far, 'link', 'set', 'far', 'down');
  }

  /** The opposite of `cut`. */
  mend(): void {
    ip('-n', this.far, 'link', 'set', 'far', 'up');
  }

  remove(): void {
    for (const name of [this.near, this.far]) spawnSync('ip', ['netns', 'delete', name]);
  }
}

function ip(...args: string[]): void {
  const { status, stderr, error } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${error?.message ?? stderr}`);
}
