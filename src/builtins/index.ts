import { type Builtin, Registry } from '../engine';
import { apply } from './apply';
import { cat } from './cat';
import { cd } from './cd';
import { count } from './count';
import { cp } from './cp';
import { current } from './current';
import { df } from './df';
import { edit } from './edit';
import { env } from './env';
import { exit } from './exit';
import { filter } from './filter';
import { first } from './first';
import { from } from './from';
import { fsearch } from './fsearch';
import { group } from './group';
import { head } from './head';
import { help } from './help';
import { history } from './history';
import { httpGet } from './http-get';
import { iter } from './iter';
import { jsEval } from './js-eval';
import { jsFilter } from './js-filter';
import { jsMap } from './js-map';
import { json } from './json';
import { kill } from './kill';
import { last } from './last';
import { ls } from './ls';
import { measure } from './measure';
import { mkdir } from './mkdir';
import { mounts } from './mounts';
import { mv } from './mv';
import { newline } from './newline';
import { on } from './on';
import { open } from './open';
import { pack } from './pack';
import { path } from './path';
import { pprint } from './pprint';
import { proc } from './proc';
import { prop } from './prop';
import { replace } from './replace';
import { rm } from './rm';
import { schema } from './schema';
import { sechash } from './sechash';
import { select } from './select';
import { selection } from './selection';
import { setenv } from './setenv';
import { sockets } from './sockets';
import { sort } from './sort';
import { ssh } from './ssh';
import { stringify } from './stringify';
import { sudo } from './sudo';
import { sum } from './sum';
import { sys } from './sys';
import { term } from './term';
import { to } from './to';
import { uniq } from './uniq';
import { units } from './units';
import { unpack } from './unpack';
import { users } from './users';
import { view } from './view';
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
  cp,
  current,
  df,
  edit,
  env,
  exit,
  filter,
  first,
  from,
  fsearch,
  group,
  head,
  help,
  history,
  httpGet,
  iter,
  jsEval,
  jsFilter,
  jsMap,
  json,
  kill,
  last,
  ls,
  measure,
  mkdir,
  mounts,
  mv,
  newline,
  on,
  open,
  pack,
  path,
  pprint,
  proc,
  prop,
  replace,
  rm,
  schema,
  sechash,
  select,
  selection,
  setenv,
  sockets,
  sort,
  ssh,
  stringify,
  sudo,
  sum,
  sys,
  term,
  to,
  uniq,
  units,
  unpack,
  users,
  view,
  walk,
  watch,
  where,
  write,
];

/** The registry that a slave resolves commands with. */
export function createRegistry(): Registry {
  return new Registry(BUILTINS);
}
