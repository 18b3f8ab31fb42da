/** The standard interfaces of every object: Introspectable, Peer and Properties. */
import slave1Xml from '../../dbus/org.hotwireshell.Slave1.xml';
import { type Dictionary, INTERFACE, OBJECT_PATH, PROPERTIES } from '../contract';
import { HotwireError } from '../errors';
import { VERSION } from '../version';
import { Variant } from '../wire';

/**
 * What a client may rely on beyond the first version of the contract. `domains`: on a connection of its own it keeps
 * clients apart by their `sender`, drops one whose name is lost (NameOwnerChanged), and knows --keep-alive.
 */
const FEATURES: readonly string[] = ['domains'];

/** What we are, as the properties tell. */
const OURS: { readonly version: string; readonly features: readonly string[] } = {
  version: VERSION,
  features: FEATURES,
};

const STANDARD_XML = `
  <interface name="org.freedesktop.DBus.Introspectable">
    <method name="Introspect"><arg name="xml_data" type="s" direction="out"/></method>
  </interface>
  <interface name="org.freedesktop.DBus.Peer">
    <method name="Ping"/>
    <method name="GetMachineId"><arg name="machine_uuid" type="s" direction="out"/></method>
  </interface>
  <interface name="org.freedesktop.DBus.Properties">
    <method name="Get">
      <arg name="interface_name" type="s" direction="in"/>
      <arg name="property_name" type="s" direction="in"/>
      <arg name="value" type="v" direction="out"/>
    </method>
    <method name="GetAll">
      <arg name="interface_name" type="s" direction="in"/>
      <arg name="properties" type="a{sv}" direction="out"/>
    </method>
    <method name="Set">
      <arg name="interface_name" type="s" direction="in"/>
      <arg name="property_name" type="s" direction="in"/>
      <arg name="value" type="v" direction="in"/>
    </method>
    <signal name="PropertiesChanged">
      <arg name="interface_name" type="s"/>
      <arg name="changed_properties" type="a{sv}"/>
      <arg name="invalidated_properties" type="as"/>
    </signal>
  </interface>
`;

/** The introspection of an object: ours, or a path on the way to it. @throws UnknownObject */
export function introspect(path: string): string {
  if (path === OBJECT_PATH) return slave1Xml.replace(/<\/node>\s*$/, `${STANDARD_XML}</node>\n`);
  const base = path === '/' ? '/' : `${path}/`;
  if (!OBJECT_PATH.startsWith(base)) throw unknownObject(path);
  const child = OBJECT_PATH.slice(base.length).split('/')[0];
  const header = slave1Xml.match(/<!DOCTYPE[^>]*>/)?.[0] ?? '';
  return `${header}\n<node>${STANDARD_XML}  <node name="${child}"/>\n</node>\n`;
}

export function unknownObject(path: string): HotwireError {
  return new HotwireError('UnknownObject', `there is no object ${path} here: the slave is ${OBJECT_PATH}`);
}

/** The constant properties of an interface; of ours all, of a standard one none. @throws UnknownInterface */
export function allProperties(name: string, { version, features } = OURS): Dictionary {
  if (name.startsWith('org.freedesktop.DBus.')) return {};
  if (name !== INTERFACE && name !== '')
    throw new HotwireError('UnknownInterface', `there is no interface ${name} here`);
  return { Version: new Variant(PROPERTIES.Version, version), Features: new Variant(PROPERTIES.Features, features) };
}

/** @throws UnknownInterface, UnknownProperty */
export function property(interfaceName: string, name: string, slave = OURS): Dictionary[string] {
  const properties = allProperties(interfaceName, slave);
  const value = Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (value === undefined) throw new HotwireError('UnknownProperty', `${interfaceName} has no property ${name}`);
  return value;
}

/** @throws PropertyReadOnly always, or what `property` throws */
export function setProperty(interfaceName: string, name: string): never {
  property(interfaceName, name);
  throw new HotwireError('PropertyReadOnly', `${name} can't be set`);
}
