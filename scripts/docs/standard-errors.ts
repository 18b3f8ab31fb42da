// When the errors of D-Bus itself come, for docs/dbus.md; those of Slave1 are explained in its XML.

const STANDARD = 'org.freedesktop.DBus.Error.';

export const STANDARD_ERRORS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    UnknownMethod: 'the interface has no such method',
    UnknownInterface: 'the object has no such interface',
    UnknownObject: 'there is no object at that path',
    UnknownProperty: 'the interface has no such property',
    PropertyReadOnly: 'a property was written: all of them are constant',
    InvalidArgs: 'an argument or an option is wrong: the message names it',
    AccessDenied: 'the pipeline is not yours, or the bus or the system does not allow it',
    NotSupported: 'this version can not do it',
    LimitsExceeded: 'the bus gave up on a message: too many, too large, or its receiver too slow',
    ServiceUnknown: 'nobody has the name on the bus, and nobody could be started',
    NameHasNoOwner: 'nobody has the name on the bus',
    NoReply: 'no answer came in time, or whoever was to answer has gone',
    Disconnected: 'the connection has ended',
    AuthFailed: 'the other side of the connection does not accept this user',
    BadAddress: 'the text is no address of a bus',
    MatchRuleInvalid: 'a match rule can not be read',
    MatchRuleNotFound: 'there is no such match rule to remove',
    Failed: 'anything else; the message says what',
  }).map(([name, text]) => [STANDARD + name, `${text}.`]),
);
