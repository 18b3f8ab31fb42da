// Every builtin is tested by being written: its examples parse, run and give what they say (DESIGN, section 5).
import { BUILTINS } from '../../src/builtins';
import { isSubclass } from '../../src/classes';
import { plan } from '../../src/engine';
import { closeContexts, contextWith, registry, run } from './support';

afterAll(closeContexts);

const cases = BUILTINS.flatMap((builtin) =>
  builtin.examples.map((example) => ({ builtin, example, text: example.text })),
);

test.each(BUILTINS)('$name has examples that mention it', ({ name, aliases = [], examples }) => {
  expect(examples.length).toBeGreaterThan(0);
  const shown = examples.map((example) => [example.text, ...(example.after ?? [])].join(' '));
  expect([name, ...aliases].some((known) => shown.some((text) => text.includes(known)))).toBe(true);
});

test.each(cases)('$text', async ({ example }) => {
  const context = contextWith(example.files);
  for (const text of example.after ?? []) expect(await run(text, context)).toMatchObject({ state: 'complete' });
  const planned = plan(example.text, context, registry);
  const { state, batches, values, error } = await run(example.text, context);
  expect(error).toBeUndefined();
  expect(state).toBe('complete');
  if (example.result) expect(values).toEqual(example.result);
  const declared = example.className ?? planned.outputType ?? 'nothing';
  if (declared === 'any') return;
  for (const { className } of batches) expect([declared, isSubclass(className, declared)]).toEqual([declared, true]);
});

test('names and aliases are unique', () => {
  const names = BUILTINS.flatMap(({ name, aliases = [] }) => [name, ...aliases]);
  expect(new Set(names).size).toBe(names.length);
});
