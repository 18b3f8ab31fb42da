import { childEnvironment, findProgram, programNames } from '../../src/engine/programs';

// Nothing used to be found.
test('without a PATH programs are looked for where execvp does', () => {
  expect(findProgram('sh', '/', '')).toMatch(/^\/(usr\/)?bin\/sh$/);
  expect([...programNames('')]).toContain('sh');
  expect(childEnvironment({}).PATH).toBe('/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin');
});

test('with one, only there', () => {
  expect(findProgram('sh', '/', '/nowhere')).toBeUndefined();
  expect(childEnvironment({ PATH: '/nowhere' }).PATH).toBe('/nowhere:/usr/local/sbin:/usr/sbin:/sbin');
});
