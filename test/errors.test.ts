import { ERRORS, type ErrorKind, EXIT, HotwireError } from '../src/errors';

const KINDS = Object.keys(ERRORS) as ErrorKind[];

/** DESIGN, section 4, "Errors": those of our own, then the standard ones that it names. */
const OURS = [
  'Parse',
  'NoSuchPipeline',
  'InvalidState',
  'LimitExceeded',
  'PipelineFailed',
  'Cancelled',
  'TimedOut',
  'Domain.BadAddress',
  'Domain.UnknownHost',
  'Domain.Unreachable',
  'Domain.HostKey',
  'Domain.LoginRefused',
  'Domain.ProgramMissing',
  'Domain.VersionMismatch',
  'Domain.TimedOut',
  'Domain.Closed',
  'Domain.NotAuthorized',
  'Domain.PromptNeeded',
  'Domain.NoAuthority',
];
const STANDARD = [
  'UnknownMethod',
  'UnknownInterface',
  'UnknownObject',
  'InvalidArgs',
  'AccessDenied',
  'PropertyReadOnly',
];

describe('the table', () => {
  test('holds every error of the design, and none of ours besides', () => {
    const names = Object.values(ERRORS).map(({ busName }) => busName);
    const prefix = 'org.hotwireshell.Error.';
    expect(names.filter((name) => name.startsWith(prefix)).sort()).toEqual(OURS.map((name) => prefix + name).sort());
    expect(names).toEqual(expect.arrayContaining(STANDARD.map((name) => `org.freedesktop.DBus.Error.${name}`)));
  });

  test('holds no bus name twice', () => {
    const names = Object.values(ERRORS).map(({ busName }) => busName);
    expect(names).toEqual([...new Set(names)]);
  });

  test.each(KINDS)('%s has a valid D-Bus error name and a known exit status', (kind) => {
    const { busName, exit } = ERRORS[kind];
    expect(busName).toMatch(/^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)+$/);
    expect(busName.length).toBeLessThanOrEqual(255);
    expect(Object.values(EXIT)).toContain(exit);
    expect(exit).not.toBe(EXIT.ok);
  });

  test.each([
    ['Parse', 2],
    ['Domain.Unreachable', 3],
    ['Cancelled', 130],
    ['PipelineFailed', 1],
  ] as const)('%s ends a command with %i', (kind, status) => {
    expect(new HotwireError(kind, 'x').exit).toBe(status);
  });
});

describe('an error', () => {
  test.each(KINDS)('of kind %s crosses the bus and back', (kind) => {
    const sent = new HotwireError(kind, 'what is at fault');
    const received = HotwireError.fromBus(sent.busName, sent.message);
    expect(received).toMatchObject({ kind, busName: sent.busName, message: sent.message, exit: sent.exit });
    expect(received).toBeInstanceOf(Error);
    expect(received.name).toBe('HotwireError');
  });

  test('of a name that the table does not know keeps it, as Failed', () => {
    expect(HotwireError.fromBus('com.example.Odd', 'no idea')).toMatchObject({
      kind: 'Failed',
      busName: 'com.example.Odd',
      message: 'no idea',
      exit: EXIT.failed,
    });
  });

  test('without a text shows its name', () => {
    expect(HotwireError.fromBus('com.example.Odd', '').message).toBe('com.example.Odd');
  });

  test('that was thrown stays the same one', () => {
    const error = new HotwireError('Parse', 'x');
    expect(HotwireError.from(error)).toBe(error);
  });

  test.each([
    ['an error of the system', Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' })],
    ['a text', 'just a text'],
    ['nothing', undefined],
    ['an object', { toString: (): string => 'shown' }],
  ])('made from %s is Failed and keeps what was thrown', (_what, thrown) => {
    const error = HotwireError.from(thrown);
    expect(error.kind).toBe('Failed');
    expect(error.cause).toBe(thrown);
    expect(error.message).toBe(thrown instanceof Error ? thrown.message : String(thrown));
  });
});
