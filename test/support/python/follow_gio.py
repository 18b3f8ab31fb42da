#!/usr/bin/python3
"""Follows a detached pipeline with GDBus (GLib's own), as a program that knows nothing of our library would.

Usage: follow_gio.py ADDRESS PIPELINE FROM

Each line of standard output is a signal that it is done with: how many there were, from the first of the pipeline on, and
its kind; objects follow as "member [objects]". Ends with the pipeline.
"""
import sys

from gi.repository import Gio, GLib

NAME = "org.hotwireshell.Slave1"
PATH = "/org/hotwireshell/Slave1"
TERMINAL = ("complete", "cancelled", "exception")


def main(address, pipeline, number):
    loop = GLib.MainLoop()
    flags = Gio.DBusConnectionFlags
    connection = Gio.DBusConnection.new_for_address_sync(
        address, flags.AUTHENTICATION_CLIENT | flags.MESSAGE_BUS_CONNECTION, None, None
    )

    def on_signal(_connection, _sender, _path, _interface, member, parameters):
        nonlocal number
        values = parameters.unpack()
        if not member.startswith("Pipeline") or values[0] != pipeline:
            return
        number += 1
        objects = ",".join(values[2]) if member == "PipelineObjects" else ""
        print(f"{number} {member} [{objects}]", flush=True)
        if member == "PipelineStateChanged" and values[1] in TERMINAL:
            loop.quit()

    connection.signal_subscribe(None, NAME, None, PATH, None, Gio.DBusSignalFlags.NONE, on_signal)
    arguments = GLib.Variant("(iu)", (pipeline, number))
    connection.call_sync(NAME, PATH, NAME, "AttachPipeline", arguments, None, Gio.DBusCallFlags.NONE, -1, None)
    loop.run()


main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))
