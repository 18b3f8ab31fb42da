import { type Builtin, Registry } from '../engine';
import { apply } from './apply';
import { cat } from './cat';
import { cd } from './cd';
import { count } from './count';
import { current } from './current';
import { df } from './df';
import { env } from './env';
import { filter } from './filter';
import { first } from './first';
import { from } from './from';
import { group } from './group';
import { head } from './head';
import { help } from './help';
import { iter } from './iter';
import { jsEval } from './js-eval';
import { jsFilter } from './js-filter';
import { jsMap } from './js-map';
import { json } from './json';
import { last } from './last';
import { ls } from './ls';
import { measure } from './measure';
import { mounts } from './mounts';
import { newline } from './newline';
import { proc } from './proc';
import { prop } from './prop';
import { schema } from './schema';
import { select } from './select';
import { setenv } from './setenv';
import { sockets } from './sockets';
import { sort } from './sort';
import { stringify } from './stringify';
import { sum } from './sum';
import { sys } from './sys';
import { to } from './to';
import { uniq } from './uniq';
import { units } from './units';
import { users } from './users';
import { walk } from './walk';
import { watch } from './watch';
import { where } from './where';
import { write } from './write';

/** Every builtin. */
export const BUILTINS: readonly Builtin[] = [
  apply,
  cat,
  cd,
  count,
  current,
  df,
  env,
  filter,
  first,
  from,
  group,
  head,
  help,
  iter,
  jsEval,
  jsFilter,
  jsMap,
  json,
  last,
  ls,
  measure,
  mounts,
  newline,
  proc,
  prop,
  schema,
  select,
  setenv,
  sockets,
  sort,
  stringify,
  sum,
  sys,
  to,
  uniq,
  units,
  users,
  walk,
  watch,
  where,
  write,
];

/** The registry that a slave resolves commands with. */
export function createRegistry(): Registry {
  return new Registry(BUILTINS);
}
