/** The property that says which of many domains an object is of. */
export const DOMAIN_KEY = '@domain';

/** Objects with their domain in front of their properties; any other value as `{"@domain": …, "value": …}`. */
export function tagged(objects: readonly unknown[], domain: string): Record<string, unknown>[] {
  return objects.map((object) =>
    typeof object === 'object' && object !== null && !Array.isArray(object)
      ? { [DOMAIN_KEY]: domain, ...object }
      : { [DOMAIN_KEY]: domain, value: object },
  );
}
