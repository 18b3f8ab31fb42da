// Objects that are read, not compared with others: one of them alone is shown as a page.
import { classPage } from './class-page';
import { isRecord, type JsonRecord } from './columns';
import { helpPage } from './help-page';
import { Page } from './page';
import type { Target } from './renderer';

const PAGES: ReadonlyMap<string, (object: JsonRecord, page: Page) => void> = new Map([
  ['hotwire.builtins.help.HelpItem', helpPage],
  ['hotwire.builtins.schema.ClassDescription', classPage],
]);

export function isPageClass(className: string): boolean {
  return PAGES.has(className);
}

/** The page of this object, each line with its line end; undefined if its class has none. */
export function pageOf(className: string, object: unknown, target: Target): string | undefined {
  const write = PAGES.get(className);
  if (!write || !isRecord(object)) return undefined;
  const page = new Page(target);
  write(object, page);
  return page.text();
}
