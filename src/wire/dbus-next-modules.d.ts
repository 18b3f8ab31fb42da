// What dbus-next.ts borrows, typed as it behaves: the package's own types.d.ts is wrong in places and covers no module of lib/.

declare module 'dbus-next/lib/marshall' {
  /** Bytes (little endian) of `data`, as if they began at `offset`. A variant is [signature, value], a dict entry [key, value]. */
  function marshall(signature: string, data: readonly unknown[], offset?: number): Buffer;
  export default marshall;
}

declare module 'dbus-next/lib/dbus-buffer' {
  /** A cursor over bytes. Each read aligns itself; `readString` does not, and checks nothing. */
  class DBusBuffer {
    constructor(buffer: Buffer, startPos: number, endian: number);
    readonly buffer: Buffer;
    pos: number;
    /** To a multiple of 2 to the power of `power`. */
    align(power: number): void;
    readInt8(): number;
    readInt16(): number;
    readSInt16(): number;
    readInt32(): number;
    readSInt32(): number;
    readDouble(): number;
    readString(length: number): string;
  }
  export default DBusBuffer;
}

declare module 'dbus-next/lib/variant' {
  /** A value together with its D-Bus signature (one complete type). */
  export class Variant<T = unknown> {
    constructor(signature: string, value: T);
    signature: string;
    value: T;
  }
}

declare module 'dbus-next/lib/constants' {
  export const MessageType: {
    readonly METHOD_CALL: 1;
    readonly METHOD_RETURN: 2;
    readonly ERROR: 3;
    readonly SIGNAL: 4;
  };
  export const MessageFlag: { readonly NO_REPLY_EXPECTED: 1; readonly NO_AUTO_START: 2 };
  export const endianness: { readonly le: 108; readonly be: 66 };
}

declare module 'dbus-next/lib/validators' {
  export function isBusNameValid(name: string): boolean;
  export function isObjectPathValid(path: string): boolean;
  export function isInterfaceNameValid(name: string): boolean;
  export function isMemberNameValid(name: string): boolean;
}
