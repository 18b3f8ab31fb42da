/**
 * Every failure that can reach a person or a peer, in one table: its kind in code, its name on the bus, and the exit
 * status of the command that meets it.
 */

const OURS = 'org.hotwireshell.Error.';
const STANDARD = 'org.freedesktop.DBus.Error.';

/** Exit statuses of the command (DESIGN, section 7). */
export const EXIT = { ok: 0, failed: 1, usage: 2, domain: 3, cancelled: 130, brokenPipe: 141 } as const;

const ours = (kind: string, exit: number) => ({ busName: OURS + kind, exit });
const standard = (kind: string, exit: number) => ({ busName: STANDARD + kind, exit });

/** kind → its D-Bus error name and exit status. */
export const ERRORS = {
  Parse: ours('Parse', EXIT.usage),
  NoSuchPipeline: ours('NoSuchPipeline', EXIT.failed),
  InvalidState: ours('InvalidState', EXIT.failed),
  LimitExceeded: ours('LimitExceeded', EXIT.failed),
  PipelineFailed: ours('PipelineFailed', EXIT.failed),
  Cancelled: ours('Cancelled', EXIT.cancelled),
  TimedOut: ours('TimedOut', EXIT.failed),
  'Domain.BadAddress': ours('Domain.BadAddress', EXIT.usage),
  'Domain.UnknownHost': ours('Domain.UnknownHost', EXIT.domain),
  'Domain.Unreachable': ours('Domain.Unreachable', EXIT.domain),
  'Domain.HostKey': ours('Domain.HostKey', EXIT.domain),
  'Domain.LoginRefused': ours('Domain.LoginRefused', EXIT.domain),
  'Domain.ProgramMissing': ours('Domain.ProgramMissing', EXIT.domain),
  'Domain.VersionMismatch': ours('Domain.VersionMismatch', EXIT.domain),
  'Domain.TimedOut': ours('Domain.TimedOut', EXIT.domain),
  'Domain.Closed': ours('Domain.Closed', EXIT.domain),
  'Domain.NotAuthorized': ours('Domain.NotAuthorized', EXIT.domain),
  'Domain.PromptNeeded': ours('Domain.PromptNeeded', EXIT.domain),
  'Domain.NoAuthority': ours('Domain.NoAuthority', EXIT.domain),
  UnknownMethod: standard('UnknownMethod', EXIT.failed),
  UnknownInterface: standard('UnknownInterface', EXIT.failed),
  UnknownObject: standard('UnknownObject', EXIT.failed),
  UnknownProperty: standard('UnknownProperty', EXIT.failed),
  PropertyReadOnly: standard('PropertyReadOnly', EXIT.failed),
  InvalidArgs: standard('InvalidArgs', EXIT.usage),
  AccessDenied: standard('AccessDenied', EXIT.domain),
  NotSupported: standard('NotSupported', EXIT.failed),
  /** The bus gave up on a message: too many, too large, or its receiver too slow. */
  BusLimits: standard('LimitsExceeded', EXIT.failed),
  ServiceUnknown: standard('ServiceUnknown', EXIT.domain),
  NameHasNoOwner: standard('NameHasNoOwner', EXIT.domain),
  NoReply: standard('NoReply', EXIT.domain),
  Disconnected: standard('Disconnected', EXIT.domain),
  AuthFailed: standard('AuthFailed', EXIT.domain),
  BadAddress: standard('BadAddress', EXIT.usage),
  MatchRuleInvalid: standard('MatchRuleInvalid', EXIT.failed),
  MatchRuleNotFound: standard('MatchRuleNotFound', EXIT.failed),
  /** A defect of ours, or an error whose name we do not know. */
  Failed: standard('Failed', EXIT.failed),
} as const satisfies Record<string, { busName: string; exit: number }>;

export type ErrorKind = keyof typeof ERRORS;

const KIND_BY_BUS_NAME = new Map<string, ErrorKind>(
  (Object.keys(ERRORS) as ErrorKind[]).map((kind) => [ERRORS[kind].busName, kind]),
);

/** The one error class: `kind` is for programs, `message` for people (what is at fault, and the next step). */
export class HotwireError extends Error {
  override readonly name: string = 'HotwireError';
  readonly kind: ErrorKind;
  /** As on the bus: the table's name, or the peer's own where the table does not know it. */
  readonly busName: string;

  constructor(kind: ErrorKind, message: string, options: { cause?: unknown; busName?: string } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = kind;
    this.busName = options.busName ?? ERRORS[kind].busName;
  }

  /** The exit status of a command that ends with this error. */
  get exit(): number {
    return ERRORS[this.kind].exit;
  }

  /** The error that a peer sent as `busName`, with the kind the table has for it, else `Failed`. */
  static fromBus(busName: string, message: string): HotwireError {
    return new HotwireError(KIND_BY_BUS_NAME.get(busName) ?? 'Failed', message || busName, { busName });
  }

  /**
   * A failure that happened in no command, as PipelineException tells it: the first line of its message, its name on the
   * bus where a command would be, and the rest of the message.
   */
  get traceback(): string {
    const [first, ...rest] = this.message.split('\n');
    return [first, this.busName, ...rest, ''].join('\n');
  }

  /** Any thrown value as one of ours: errors of the operating system and defects become `Failed`. */
  static from(thrown: unknown): HotwireError {
    if (thrown instanceof HotwireError) return thrown;
    const message = thrown instanceof Error ? thrown.message : String(thrown);
    return new HotwireError('Failed', message, { cause: thrown });
  }
}
