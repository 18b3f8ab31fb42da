// The only door to dbus-next: its codec, its message types and its name checks, by deep import. The package index would
// also load its XML parser, its connection and its classes, none of which we use (reference/dbus-next.md, sections 2 and 8).
export { endianness, MessageFlag, MessageType } from 'dbus-next/lib/constants';
export { default as DBusBuffer } from 'dbus-next/lib/dbus-buffer';
export { default as marshall } from 'dbus-next/lib/marshall';
export { isBusNameValid, isInterfaceNameValid, isMemberNameValid, isObjectPathValid } from 'dbus-next/lib/validators';
export { Variant } from 'dbus-next/lib/variant';
