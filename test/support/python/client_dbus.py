#!/usr/bin/python3
"""A client as one writes it with dbus-python: runs a pipeline and prints each signal as a JSON line.

Usage: client_dbus.py ADDRESS PIPELINE [SECONDS]

Lines: {"reply": number} for the answer to RunPipeline, then {"signal": name, "arguments": [...]} for each signal, up to
the terminal state. Exit status: 0 after a terminal state, whichever; 1 with a message on stderr otherwise.
"""
import json
import sys

import dbus
import dbus.mainloop.glib
from gi.repository import GLib

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

    def on_signal(*arguments, member):
        show({"signal": member, "arguments": plain(arguments)})
        if member == "PipelineStateChanged" and arguments[1] in TERMINAL:
            loop.quit()

    dbus.mainloop.glib.DBusGMainLoop(set_as_default=True)
    bus = dbus.bus.BusConnection(address)
    bus.add_signal_receiver(on_signal, dbus_interface=NAME, bus_name=NAME, path=PATH, member_keyword="member")
    slave = dbus.Interface(bus.get_object(NAME, PATH), NAME)
    slave.RunPipeline(text, reply_handler=lambda number: show({"reply": int(number)}), error_handler=fail)
    GLib.timeout_add(int(float(seconds) * 1000), lambda: fail(f"no terminal state within {seconds} s"))
    loop.run()
    if problems:
        sys.exit(f"{problems[0]}")


def plain(value):
    """A D-Bus value as Python's own types, which json knows."""
    if isinstance(value, (list, tuple)):
        return [plain(member) for member in value]
    if isinstance(value, dict):
        return {str(key): plain(member) for key, member in value.items()}
    if isinstance(value, dbus.Boolean):
        return bool(value)
    if isinstance(value, int):
        return int(value)
    return float(value) if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main(*sys.argv[1:])
