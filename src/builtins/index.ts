import { type Builtin, Registry } from '../engine';
import { cat } from './cat';
import { cd } from './cd';
import { current } from './current';
import { filter } from './filter';
import { head } from './head';
import { help } from './help';
import { iter } from './iter';
import { jsEval } from './js-eval';
import { jsFilter } from './js-filter';
import { jsMap } from './js-map';
import { json } from './json';
import { ls } from './ls';
import { newline } from './newline';
import { proc } from './proc';
import { prop } from './prop';
import { schema } from './schema';
import { setenv } from './setenv';
import { sort } from './sort';
import { stringify } from './stringify';
import { sys } from './sys';
import { walk } from './walk';
import { write } from './write';

/** Every builtin. */
export const BUILTINS: readonly Builtin[] = [
  cat,
  cd,
  current,
  filter,
  head,
  help,
  iter,
  jsEval,
  jsFilter,
  jsMap,
  json,
  ls,
  newline,
  proc,
  prop,
  schema,
  setenv,
  sort,
  stringify,
  sys,
  walk,
  write,
];

/** The registry that a slave resolves commands with. */
export function createRegistry(): Registry {
  return new Registry(BUILTINS);
}
