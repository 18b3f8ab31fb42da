#!/usr/bin/env python3
"""A client of Hotwire in Python, with dbus-python.

    client_dbus.py run PIPELINE       print its objects as they come: JSON, one a line
    client_dbus.py feed PIPELINE      the same, fed with the lines of standard input
    client_dbus.py detach PIPELINE    start one that goes on without us; prints its number
    client_dbus.py attach ID [FROM]   follow such a one, from a signal number on
"""
import json
import os
import signal
import sys

import dbus
from dbus.mainloop.glib import DBusGMainLoop
from gi.repository import GLib

SIGNALS = ("Objects", "Result", "Exception", "Metadata", "StateChanged")
NAME, PATH = "org.hotwireshell.Slave1", "/org/hotwireshell/Slave1"
STATUS = {"complete": 0, "exception": 1, "cancelled": 130}
CHUNK = 64 * 1024
A_DAY = 24 * 60 * 60.0


class Client:
    def __init__(self, bus):
        self.bus = bus
        self.slave = dbus.Interface(bus.get_object(NAME, PATH), NAME)
        self.loop = GLib.MainLoop()
        self.pipeline = self.status = None
        self.signals = 0  # how many of this pipeline came: where to attach again
        self.rest = b""
        for name in SIGNALS:
            self.slave.connect_to_signal(f"Pipeline{name}", self.on_signal, member_keyword="member")

    def on_signal(self, pipeline, *values, member):
        if pipeline != self.pipeline:
            return
        self.signals += 1
        if member == "PipelineObjects":
            print(*values[1], sep="\n", flush=True)  # values[0] is the name of their class
        elif member == "PipelineResult":
            print(values[1], flush=True)
        elif member == "PipelineException":
            print(values[0].splitlines()[0], file=sys.stderr)
        elif member == "PipelineMetadata" and values[1] == "hotwire.stderr":
            print(json.loads(values[2]), end="", file=sys.stderr)
        elif member == "PipelineStateChanged" and values[0] in STATUS:
            self.end(STATUS[values[0]])

    def on_owner(self, owner):
        if not owner:
            print("the slave has ended", file=sys.stderr)
            self.end(3)

    def end(self, status):
        self.status = status
        self.loop.quit()

    def failed(self, error):
        print(error.get_dbus_message(), file=sys.stderr)
        self.end(1)

    def follow(self, pipeline, interrupted):
        """Its signals come after the reply that told its number, so none was missed."""
        self.pipeline = pipeline
        self.bus.watch_name_owner(NAME, self.on_owner)
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGINT, interrupted)
        self.loop.run()
        return self.status

    def cancel(self):
        # No more is done: the state "cancelled" follows when its last process is gone.
        self.slave.CancelPipeline(self.pipeline, reply_handler=lambda: None, error_handler=self.failed)
        return GLib.SOURCE_CONTINUE

    def leave(self):
        print(f"pipeline {self.pipeline} goes on; from here: attach {self.pipeline} {self.signals}", file=sys.stderr)
        self.end(STATUS["cancelled"])
        return GLib.SOURCE_REMOVE

    def read_input(self):
        GLib.io_add_watch(sys.stdin.fileno(), GLib.PRIORITY_DEFAULT, GLib.IO_IN | GLib.IO_HUP, self.on_input)

    def on_input(self, descriptor, condition):
        chunk = os.read(descriptor, CHUNK)
        *lines, self.rest = (self.rest + chunk).split(b"\n")
        if not chunk and self.rest:
            lines.append(self.rest)
        objects = [json.dumps(line.decode(errors="replace")) for line in lines]
        # The reply comes when the pipeline can take more. Until then nothing is read: that is the back-pressure.
        go_on = self.read_input if chunk else self.close_input
        if objects:
            self.slave.PutObjects(
                self.pipeline, objects, reply_handler=go_on, error_handler=self.input_refused, timeout=A_DAY
            )
        else:
            go_on()
        return GLib.SOURCE_REMOVE

    def close_input(self):
        self.slave.CloseInput(self.pipeline, reply_handler=lambda: None, error_handler=self.input_refused)

    def input_refused(self, error):
        # A pipeline may end before it has read all, as `head 1` does. How it ended, its state tells.
        if error.get_dbus_name() != "org.hotwireshell.Error.InvalidState":
            self.failed(error)


def main(verb, argument, start="0"):
    DBusGMainLoop(set_as_default=True)
    client = Client(dbus.SessionBus())
    if verb == "run":
        status = client.follow(client.slave.RunPipeline(argument), client.cancel)
    elif verb == "feed":
        pipeline = client.slave.RunPipelineWithOptions(argument, {"input": True})
        client.read_input()
        status = client.follow(pipeline, client.cancel)
    elif verb == "detach":
        print(client.slave.RunPipelineWithOptions(argument, {"detached": True}))
        status = 0
    elif verb == "attach":
        client.signals = int(start)
        client.slave.AttachPipeline(int(argument), dbus.UInt32(start))
        status = client.follow(int(argument), client.leave)
    else:
        raise SystemExit(__doc__)
    return status


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        raise SystemExit(__doc__)
    try:
        raise SystemExit(main(*sys.argv[1:]))
    except dbus.DBusException as error:  # e.g. org.hotwireshell.Error.Parse: the message shows where
        print(error.get_dbus_message(), file=sys.stderr)
        raise SystemExit(1)
