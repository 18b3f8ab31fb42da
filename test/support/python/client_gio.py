#!/usr/bin/python3
"""A client as one writes it with GDBus (GLib's own): runs a pipeline and prints each signal as a JSON line.

Usage and output are those of client_dbus.py.
"""
import json
import sys

from gi.repository import Gio, GLib

NAME = "org.hotwireshell.Slave1"
PATH = "/org/hotwireshell/Slave1"
TERMINAL = ("complete", "cancelled", "exception")


def main(address, text, seconds="30"):
    loop = GLib.MainLoop()
    problems = []

    def show(line):
        print(json.dumps(line), flush=True)

    def fail(problem):
        problems.append(problem)
        loop.quit()

    def on_signal(_connection, _sender, _path, _interface, member, parameters):
        arguments = parameters.unpack()
        show({"signal": member, "arguments": arguments})
        if member == "PipelineStateChanged" and arguments[1] in TERMINAL:
            loop.quit()

    def on_reply(connection, result):
        try:
            show({"reply": connection.call_finish(result).unpack()[0]})
        except GLib.Error as error:
            fail(error.message)

    flags = Gio.DBusConnectionFlags
    connection = Gio.DBusConnection.new_for_address_sync(
        address, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None
    )
    connection.signal_subscribe(NAME, NAME, None, PATH, None, Gio.DBusSignalFlags.NONE, on_signal)
    connection.call(
        NAME, PATH, NAME, "RunPipeline", GLib.Variant("(s)", (text,)), GLib.VariantType("(i)"),
        Gio.DBusCallFlags.NONE, -1, None, on_reply,
    )
    GLib.timeout_add(int(float(seconds) * 1000), lambda: fail(f"no terminal state within {seconds} s"))
    loop.run()
    if problems:
        sys.exit(f"{problems[0]}")


if __name__ == "__main__":
    main(*sys.argv[1:])
