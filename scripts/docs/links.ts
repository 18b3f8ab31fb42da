// One link of each kind, for docs/dbus.md: the compiler misses a kind that is not here.
import type { Link } from '../../src/link';

type Explained = { readonly [Action in Link['action']]: { example: Link & { action: Action }; means: string } };

export const LINKS: Explained = {
  open: {
    example: { action: 'open', paths: ['/srv/a.pdf'], cwd: '/srv' },
    means: 'show the files in the program that belongs to their kind; paths are absolute',
  },
  edit: { example: { action: 'edit', paths: ['/srv/a.txt'], cwd: '/srv' }, means: 'edit the files' },
  view: { example: { action: 'view', paths: ['/srv/a.txt'], cwd: '/srv' }, means: 'show the files in a pager' },
  terminal: {
    example: { action: 'terminal', command: ['top', '-d', '1'], cwd: '/srv' },
    means: 'run the program on a terminal, in that directory',
  },
  exit: { example: { action: 'exit' }, means: 'close the window, tab or session that the pipeline was typed in' },
  selection: {
    example: { action: 'selection', index: 0 },
    means: 'yield what is selected in the window: the object of that number (from 0), or without `index` all of it',
  },
};
