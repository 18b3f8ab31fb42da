import { tagged } from '../domain-tag';
import type { Sink } from './sink';

/** Some objects of one class, as they arrived. */
export interface Batch {
  readonly className: string;
  readonly objects: readonly unknown[];
  /** Which of several domains it is from: shown with each object. */
  readonly domain?: string;
}

/** Writes a stream of objects as text. */
export interface Renderer {
  /** Resolves once the stream can take more. @throws OutputClosed when the reader has gone, else a HotwireError */
  write(batch: Batch): Promise<void>;
  /** Writes what is still to be written; resolves once it has left this process. @throws as `write` */
  end(): Promise<void>;
}

/** What a renderer writes to, and how text must be for it. */
export interface Target {
  readonly sink: Sink;
  /** The terminal's size; undefined into a pipe or a file, where text passes as it is and nothing is cut. */
  readonly terminal: { readonly columns: number; readonly rows: number } | undefined;
  readonly colour: boolean;
  /** Those that batches may be from, where there are several. */
  readonly domains?: readonly string[];
}

/** What is shown of a batch: its objects, with their domain where there are several. */
export function shownObjects({ objects, domain }: Batch): readonly unknown[] {
  return domain === undefined ? objects : tagged(objects, domain);
}
