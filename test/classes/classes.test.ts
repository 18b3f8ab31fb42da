import { CLASSES, classOf, isSubclass, propertiesOf } from '../../src/classes';

const declarations = [...CLASSES.values()];

test.each(declarations)('$name describes itself', ({ name, parent, summary, columns, actions = [] }) => {
  expect(summary).not.toBe('');
  if (parent !== null) expect(CLASSES.has(parent)).toBe(true);
  const names = propertiesOf(name).map((property) => property.name);
  expect(new Set(names).size).toBe(names.length);
  for (const property of names) expect(property).toMatch(/^[a-z][a-z_]*$/);
  expect(names).toEqual(expect.arrayContaining([...columns]));
  for (const { pipeline } of actions) {
    for (const [, property] of pipeline.matchAll(/\{(\w+)\}/g)) expect(names).toContain(property);
  }
});

test.each(declarations)('$name is shown in columns of its own', ({ name, columns, identity, dispensable = [] }) => {
  if (columns.length > 0) expect(columns).toContain(identity);
  expect(columns).toEqual(expect.arrayContaining([...dispensable]));
  expect(dispensable).not.toContain(identity);
  for (const { name: property, title } of propertiesOf(name)) {
    if (title !== undefined) expect(title.length).toBeLessThan(property.length);
  }
});

test('units are given to numbers and paths alone', () => {
  for (const { unit, type } of declarations.flatMap(({ properties }) => properties)) {
    if (unit !== undefined) expect(type).toBe(unit === 'path' ? 'string' : 'number');
  }
});

test.each([
  ['a', 'string'],
  [1, 'number'],
  [true, 'boolean'],
  [null, 'null'],
  [undefined, 'null'],
  [[], 'array'],
  [{}, 'object'],
])('the class of %j is %s', (value, expected) => {
  expect(classOf(value)).toBe(expected);
});

test.each([
  ['hotwire.sysdep.proc.Process', 'object', true],
  ['hotwire.sysdep.proc.Process', 'hotwire.sysdep.proc.Process', true],
  ['object', 'hotwire.sysdep.proc.Process', false],
  ['string', 'object', false],
  ['some.other.Thing', 'some.other.Thing', true],
  ['some.other.Thing', 'object', false],
])('%s descends from %s: %s', (child, parent, expected) => {
  expect(isSubclass(child, parent)).toBe(expected);
});

test('a class that we do not know has no properties', () => {
  expect(propertiesOf('some.other.Thing')).toEqual([]);
});
