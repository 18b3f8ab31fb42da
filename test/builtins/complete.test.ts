// What the declarations of the real builtins offer for their arguments.
import { Context, complete } from '../../src/engine';
import { registry } from './support';

const context = new Context({ cwd: '/', environment: { HOME: '/', HOST_NAME: 'x', PATH: '/no/such' } });

afterAll(() => context.close());

test.each<[text: string, expected: string[]]>([
  ['from j', ['json', 'jsonl']],
  ['to c', ['csv']],
  ['to csv c', []],
  ['env HO', ['HOME', 'HOST_NAME']],
  ['setenv HO', ['HOME=', 'HOST_NAME=']],
  ['watch 1 pro', ['proc', 'prop']],
  ["watch 1 'proc | so", ["'proc | sort'", "'proc | sockets'"]],
  ["watch 1 'proc | sort cm", ["'proc | sort cmd'"]],
])('%s', async (text, expected) => {
  const { candidates } = await complete(text, text.length, context, registry);
  expect(candidates.map(({ replacement }) => replacement).sort()).toEqual([...expected].sort());
});
