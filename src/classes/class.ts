/** How a class of objects describes itself, so that a display which never heard of it can still show it well. */

export type JsonType = 'string' | 'number' | 'boolean' | 'object' | 'array' | 'null' | 'any';

/**
 * What a number or text means: `bytes`, `seconds` (a duration), `epoch-seconds` (a time), `percent`, `mode` (permission
 * bits), `uid`, `gid`, `pid`, `path`, `count`.
 */
export type Unit =
  | 'bytes'
  | 'seconds'
  | 'epoch-seconds'
  | 'percent'
  | 'mode'
  | 'uid'
  | 'gid'
  | 'pid'
  | 'path'
  | 'count';

export interface PropertyDeclaration {
  readonly name: string;
  readonly type: JsonType;
  /** May be null, e.g. because it could not be read. */
  readonly nullable?: boolean;
  readonly unit?: Unit;
  /** Header of its column in a table, where the name is much wider than the values. CSV and JSON keep the name. */
  readonly title?: string;
  readonly summary: string;
}

export interface ClassDeclaration {
  readonly name: string;
  /** Null for the JSON classes; every other class descends from `object`. */
  readonly parent: string | null;
  readonly summary: string;
  /** Its own properties; those of its parents come before them. */
  readonly properties: readonly PropertyDeclaration[];
  /** Properties that a table shows by default, in order. */
  readonly columns: readonly string[];
  /** The column that tells one object from another: a narrow table keeps it, and makes it narrower last. */
  readonly identity?: string;
  /** Columns that a narrow table leaves out, the first of them first; then the others, from the last. */
  readonly dispensable?: readonly string[];
  /** Pipelines that act on an object; `{property}` stands for its value, quoted. */
  readonly actions?: readonly { readonly name: string; readonly pipeline: string }[];
}
