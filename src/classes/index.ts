import { aliasClass } from './alias';
import type { ClassDeclaration, PropertyDeclaration } from './class';
import { classDescriptionClass } from './class-description';
import { digestClass } from './digest';
import { domainClass } from './domain';
import { environmentVariableClass } from './environment-variable';
import { fileClass } from './file';
import { fileStringMatchClass } from './file-string-match';
import { groupClass } from './group';
import { helpItemClass } from './help-item';
import { historyEntryClass } from './history-entry';
import { httpResponseClass } from './http-response';
import { jsonClasses } from './json';
import { measureClass } from './measure';
import { fileSystemClass, mountClass } from './mount';
import { pipelineClass } from './pipeline';
import { processClass } from './process';
import { sessionClass } from './session';
import { socketClass } from './socket';
import { pieceClass, receiptClass } from './transfer';
import { unitClass } from './unit';
import { userClass } from './user';

export type { ClassDeclaration, JsonType, PropertyDeclaration, Unit } from './class';

/** Every class we know, by name. */
export const CLASSES: ReadonlyMap<string, ClassDeclaration> = new Map(
  [
    ...jsonClasses,
    processClass,
    fileClass,
    helpItemClass,
    classDescriptionClass,
    mountClass,
    fileSystemClass,
    socketClass,
    userClass,
    sessionClass,
    environmentVariableClass,
    unitClass,
    groupClass,
    measureClass,
    digestClass,
    fileStringMatchClass,
    httpResponseClass,
    historyEntryClass,
    aliasClass,
    pipelineClass,
    domainClass,
    pieceClass,
    receiptClass,
  ].map((declaration) => [declaration.name, declaration]),
);

/** The class of plain data: `string`, `number`, `boolean`, `null`, `array` or `object`. */
export function classOf(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  if (Array.isArray(value)) return 'array';
  return typeof value;
}

/** Whether `child` is `parent` or descends from it. */
export function isSubclass(child: string, parent: string): boolean {
  for (let name: string | null | undefined = child; name; name = CLASSES.get(name)?.parent) {
    if (name === parent) return true;
  }
  return false;
}

/** The properties of a class, those of its parents first; none for a class that we do not know. */
export function propertiesOf(className: string): PropertyDeclaration[] {
  const declaration = CLASSES.get(className);
  if (declaration === undefined) return [];
  const inherited = declaration.parent === null ? [] : propertiesOf(declaration.parent);
  return [...inherited, ...declaration.properties];
}
