#!/usr/bin/python3
"""A client that does what it is told, on GDBus (GLib's own): for tests that need a client which is not ours.

Usage: scripted_gio.py ADDRESS

Each line of standard input is one JSON command:
  {"call": n, "times": 1, "path", "interface", "member", "signature": "(s)", "arguments": GVariant text}
  {"match": rule}                      asks the bus for more signals than those sent to this client
Each line of standard output is one JSON event, in the order in which the messages came:
  {"name": unique name}                connected
  {"call": n, "reply": [...]}          or {"call": n, "error": D-Bus name, "message": text}; "times" of them
  {"signal": member, "path", "interface", "arguments": [...]}
Ends at the end of standard input.
"""
import json
import sys

from gi.repository import Gio, GLib

NAME = "org.hotwireshell.Slave1"
PATH = "/org/hotwireshell/Slave1"
DRIVER = "org.freedesktop.DBus"
NO_TIMEOUT = 2**31 - 1


def main(address):
    loop = GLib.MainLoop()
    flags = Gio.DBusConnectionFlags
    connection = Gio.DBusConnection.new_for_address_sync(
        address, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None
    )

    def show(event):
        print(json.dumps(event), flush=True)

    def on_signal(_connection, sender, path, interface, member, parameters):
        if sender != DRIVER:
            show({"signal": member, "path": path, "interface": interface, "arguments": parameters.unpack()})

    def on_reply(source, result, number):
        try:
            show({"call": number, "reply": source.call_finish(result).unpack()})
        except GLib.Error as error:
            name = Gio.DBusError.get_remote_error(error)
            Gio.DBusError.strip_remote_error(error)
            show({"call": number, "error": name or str(error.code), "message": error.message})

    def call(command):
        signature = command.get("signature", "()")
        arguments = GLib.Variant.parse(GLib.VariantType(signature), command.get("arguments", "()"), None, None)
        for _ in range(command.get("times", 1)):
            connection.call(
                NAME, command.get("path", PATH), command.get("interface", NAME), command["member"], arguments,
                None, Gio.DBusCallFlags.NONE, NO_TIMEOUT, None, on_reply, command["call"],
            )

    def match(command):
        rule = GLib.Variant("(s)", (command["match"],))
        connection.call_sync(DRIVER, "/org/freedesktop/DBus", DRIVER, "AddMatch", rule, None,
                             Gio.DBusCallFlags.NONE, -1, None)
        show({"matched": command["match"]})

    def on_line(stream, result):
        line, _ = stream.read_line_finish_utf8(result)
        if line is None:
            loop.quit()
            return
        command = json.loads(line)
        (call if "call" in command else match)(command)
        stream.read_line_async(GLib.PRIORITY_DEFAULT, None, on_line)

    # No rule of the bus: what is addressed to this client comes without one, and "match" adds others.
    connection.signal_subscribe(None, None, None, None, None, Gio.DBusSignalFlags.NO_MATCH_RULE, on_signal)
    show({"name": connection.get_unique_name()})
    stdin = Gio.DataInputStream.new(Gio.UnixInputStream.new(sys.stdin.fileno(), False))
    stdin.read_line_async(GLib.PRIORITY_DEFAULT, None, on_line)
    loop.run()


if __name__ == "__main__":
    main(sys.argv[1])
