/** What `Introspect` of `org.freedesktop.DBus` answers: the interfaces that BusDriver has. */

const method = (name: string, input = '', output = '') =>
  `    <method name="${name}">${argument(input, 'in')}${argument(output, 'out')}</method>\n`;
const argument = (types: string, direction: 'in' | 'out') =>
  types
    .split(' ')
    .filter((type) => type !== '')
    .map((type) => `<arg type="${type}" direction="${direction}"/>`)
    .join('');
const signal = (name: string, types: string) =>
  `    <signal name="${name}">${types
    .split(' ')
    .map((type) => `<arg type="${type}"/>`)
    .join('')}</signal>\n`;
const describe = (name: string, members: string[]) =>
  `  <interface name="${name}">\n${members.join('')}  </interface>\n`;

const DOCTYPE = `<!DOCTYPE node PUBLIC "-//freedesktop//DTD D-BUS Object Introspection 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/introspect.dtd">
`;

const INTERFACES = [
  describe('org.freedesktop.DBus', [
    method('Hello', '', 's'),
    method('RequestName', 's u', 'u'),
    method('ReleaseName', 's', 'u'),
    method('StartServiceByName', 's u', 'u'),
    method('NameHasOwner', 's', 'b'),
    method('ListNames', '', 'as'),
    method('ListActivatableNames', '', 'as'),
    method('AddMatch', 's'),
    method('RemoveMatch', 's'),
    method('GetNameOwner', 's', 's'),
    method('ListQueuedOwners', 's', 'as'),
    method('GetConnectionUnixUser', 's', 'u'),
    method('GetConnectionUnixProcessID', 's', 'u'),
    method('GetConnectionCredentials', 's', 'a{sv}'),
    method('GetId', '', 's'),
    '    <property name="Features" type="as" access="read"/>\n    <property name="Interfaces" type="as" access="read"/>\n',
    signal('NameOwnerChanged', 's s s'),
    signal('NameLost', 's'),
    signal('NameAcquired', 's'),
  ]),
  describe('org.freedesktop.DBus.Introspectable', [method('Introspect', '', 's')]),
  describe('org.freedesktop.DBus.Peer', [method('Ping'), method('GetMachineId', '', 's')]),
  describe('org.freedesktop.DBus.Properties', [
    method('Get', 's s', 'v'),
    method('GetAll', 's', 'a{sv}'),
    method('Set', 's s v'),
  ]),
];

/** At /org/freedesktop/DBus. */
export const DRIVER_XML = `${DOCTYPE}<node>\n${INTERFACES.join('')}</node>\n`;
/** At /, for those who look from the root. */
export const ROOT_XML = `${DOCTYPE}<node>\n  <node name="org/freedesktop/DBus"/>\n</node>\n`;
