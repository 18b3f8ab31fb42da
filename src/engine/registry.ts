import type { Builtin } from './builtin';

/** The commands that a pipeline may name. A later one with the same name or alias replaces the earlier. */
export class Registry {
  readonly #byName = new Map<string, Builtin>();

  constructor(builtins: Iterable<Builtin>) {
    for (const builtin of builtins) {
      for (const name of [builtin.name, ...(builtin.aliases ?? [])]) this.#byName.set(name, builtin);
    }
  }

  /** The command of that name or alias. */
  get(name: string): Builtin | undefined {
    return this.#byName.get(name);
  }

  /** Every name and alias. */
  names(): Iterable<string> {
    return this.#byName.keys();
  }

  /** Every command once, by name. */
  list(): Builtin[] {
    return [...new Set(this.#byName.values())].sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}
