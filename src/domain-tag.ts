/** The property that says which of many domains an object is of. */
export const DOMAIN_KEY = '@domain';

/**
 * Objects with their domain in front of their properties; any other value as `{"@domain": …, "value": …}`. What an object
 * has under that name is never taken for its domain: one of `on` within `on` is of `outer/inner`.
 */
export function tagged(objects: readonly unknown[], domain: string): Record<string, unknown>[] {
  return objects.map((object) => {
    if (typeof object !== 'object' || object === null || Array.isArray(object)) {
      return { [DOMAIN_KEY]: domain, value: object };
    }
    const { [DOMAIN_KEY]: inner, ...properties } = object as Record<string, unknown>;
    return { [DOMAIN_KEY]: typeof inner === 'string' ? `${domain}/${inner}` : domain, ...properties };
  });
}
