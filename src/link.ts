/**
 * What a pipeline asks its display to do, as the value of the metadata `hotwire.link`. One JSON object; the commands that
 * yield it are open, edit, view, term, ssh, sudo, exit and selection. A display does it for a pipeline of its own machine
 * and user alone: whoever runs the far end must not start programs here.
 */
export type Link =
  /** Show files in the program that belongs to their kind, an editor, or a pager. Paths are absolute. */
  | { readonly action: 'open' | 'edit' | 'view'; readonly paths: readonly string[]; readonly cwd: string }
  /** Run a program (its words) on a terminal, in a directory. */
  | { readonly action: 'terminal'; readonly command: readonly string[]; readonly cwd: string }
  /** Close the window, tab or session that the pipeline was typed in. */
  | { readonly action: 'exit' }
  /** Yield what is selected in the window: the object of that number (from 0), or all of it. */
  | { readonly action: 'selection'; readonly index?: number };

/** A value of `hotwire.link` as it came; undefined when it has not that shape, as one of a later version. */
export function readLink(value: unknown): Link | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { action, paths, command, cwd, index } = value as Readonly<Record<string, unknown>>;
  switch (action) {
    case 'open':
    case 'edit':
    case 'view':
      return isWords(paths) && paths.every(isAbsolute) && isPath(cwd) ? { action, paths, cwd } : undefined;
    case 'terminal':
      return isWords(command) && command[0] !== '' && isPath(cwd) ? { action, command, cwd } : undefined;
    case 'exit':
      return { action };
    case 'selection':
      if (index === undefined) return { action };
      return typeof index === 'number' && Number.isSafeInteger(index) && index >= 0 ? { action, index } : undefined;
    default:
      return undefined;
  }
}

function isWords(value: unknown): value is string[] {
  return Array.isArray(value) && value.length > 0 && value.every(isWord);
}

/** Without a NUL, which no program can be given. */
function isWord(value: unknown): value is string {
  return typeof value === 'string' && !value.includes('\0');
}

function isPath(value: unknown): value is string {
  return isWord(value) && isAbsolute(value);
}

function isAbsolute(path: string): boolean {
  return path.startsWith('/');
}
