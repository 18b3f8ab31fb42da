import { normaliseMatchRule } from '../../src/wire/match-rule';

test.each([
  '',
  'type=signal',
  "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged'",
  "path='/a/b',destination=':1.5'",
  "path_namespace='/a', arg0='x',arg63path='/y',arg0namespace='org.x'",
  "eavesdrop='true'",
  "arg0='a,b=c'",
  " type ='signal', ",
])('%s is a rule', (rule) => {
  expect(() => normaliseMatchRule(rule)).not.toThrow();
});

test.each([
  ['nonsense', 'not of the form'],
  ['=x', 'not of the form'],
  ["type='signal", 'not closed'],
  ["type='signals'", "'signals' can't be"],
  ["colour='red'", "no key 'colour'"],
  ["constructor='x'", "no key 'constructor'"],
  ["type='signal',type='signal'", 'twice'],
  ["member='a.b'", "'a.b' can't be"],
  ["path='a'", "'a' can't be"],
  ["sender='x'", "'x' can't be"],
  ["eavesdrop='yes'", "'yes' can't be"],
  ["arg64='x'", "no key 'arg64'"],
  [`arg0='${'x'.repeat(2000)}'`, 'longer than'],
])('%s is none', (rule, why) => {
  expect(() => normaliseMatchRule(rule)).toThrow(expect.objectContaining({ kind: 'MatchRuleInvalid' }));
  expect(() => normaliseMatchRule(rule)).toThrow(why);
});

test('rules that differ only in their writing are the same', () => {
  const forms = [
    "type='signal',member='A'",
    "member='A',type='signal'",
    'type=signal, member=A',
    "type='sig'nal,member='A'",
  ];
  expect(new Set(forms.map(normaliseMatchRule)).size).toBe(1);
  expect(normaliseMatchRule("arg0=\\'")).toBe(normaliseMatchRule("arg0=''\\'"));
});
