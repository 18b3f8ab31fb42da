#!/usr/bin/env python3
"""A client of Hotwire in Python, with GLib's own D-Bus (Gio).

    client_gio.py run PIPELINE       print its objects as they come: JSON, one a line
    client_gio.py feed PIPELINE      the same, fed with the lines of standard input
    client_gio.py detach PIPELINE    start one that goes on without us; prints its number
    client_gio.py attach ID [FROM]   follow such a one, from a signal number on
"""
import json
import signal
import sys

from gi.repository import Gio, GLib

NAME, PATH = "org.hotwireshell.Slave1", "/org/hotwireshell/Slave1"
STATUS = {"complete": 0, "exception": 1, "cancelled": 130}
CHUNK = 64 * 1024
NO_LIMIT = GLib.MAXINT  # of milliseconds that a reply may take


class Client:
    def __init__(self):
        self.slave = Gio.DBusProxy.new_for_bus_sync(
            Gio.BusType.SESSION, Gio.DBusProxyFlags.NONE, None, NAME, PATH, NAME, None
        )
        self.slave.connect("g-signal", self.on_signal)
        self.slave.connect("notify::g-name-owner", self.on_owner)
        self.loop = GLib.MainLoop()
        self.pipeline = self.status = None
        self.signals = 0  # how many of this pipeline came: where to attach again

    def call(self, method, signature, *values):
        """Calls a method and waits. An error says what is wrong, e.g. org.hotwireshell.Error.Parse shows where."""
        arguments = GLib.Variant(signature, values)
        return self.slave.call_sync(method, arguments, Gio.DBusCallFlags.NONE, -1, None).unpack()

    def start(self, method, signature, *values, then=None, refused=None):
        """Calls a method and goes on; `then` is called once the reply is there."""

        def on_reply(slave, result):
            try:
                slave.call_finish(result)
            except GLib.Error as error:
                (refused or self.failed)(error)
            else:
                if then:
                    then()

        arguments = GLib.Variant(signature, values)
        self.slave.call(method, arguments, Gio.DBusCallFlags.NONE, NO_LIMIT, None, on_reply)

    def on_signal(self, _slave, _sender, member, parameters):
        pipeline, *values = parameters.unpack()
        if not member.startswith("Pipeline") or pipeline != self.pipeline:
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

    def on_owner(self, slave, _property):
        if slave.get_name_owner() is None:
            print("the slave has ended", file=sys.stderr)
            self.end(3)

    def end(self, status):
        self.status = status
        self.loop.quit()

    def failed(self, error):
        print_error(error)
        self.end(1)

    def follow(self, pipeline, interrupted):
        """Its signals come after the reply that told its number, so none was missed."""
        self.pipeline = pipeline
        GLib.unix_signal_add(GLib.PRIORITY_DEFAULT, signal.SIGINT, interrupted)
        self.loop.run()
        return self.status

    def cancel(self):
        # No more is done: the state "cancelled" follows when its last process is gone.
        self.start("CancelPipeline", "(i)", self.pipeline)
        return GLib.SOURCE_CONTINUE

    def leave(self):
        print(f"pipeline {self.pipeline} goes on; from here: attach {self.pipeline} {self.signals}", file=sys.stderr)
        self.end(STATUS["cancelled"])
        return GLib.SOURCE_REMOVE

    def feed(self, pipeline):
        stream = Gio.UnixInputStream.new(sys.stdin.fileno(), False)
        rest = b""

        def read():
            stream.read_bytes_async(CHUNK, GLib.PRIORITY_DEFAULT, None, on_read)

        def close():
            self.start("CloseInput", "(i)", pipeline, refused=self.input_refused)

        def on_read(_stream, result):
            nonlocal rest
            chunk = stream.read_bytes_finish(result).get_data()
            *lines, rest = (rest + chunk).split(b"\n")
            if not chunk and rest:
                lines.append(rest)
            objects = [json.dumps(line.decode(errors="replace")) for line in lines]
            # The reply comes when the pipeline can take more. Until then nothing is read: that is the back-pressure.
            go_on = read if chunk else close
            if objects:
                self.start("PutObjects", "(ias)", pipeline, objects, then=go_on, refused=self.input_refused)
            else:
                go_on()

        read()

    def input_refused(self, error):
        # A pipeline may end before it has read all, as `head 1` does. How it ended, its state tells.
        if Gio.DBusError.get_remote_error(error) != "org.hotwireshell.Error.InvalidState":
            self.failed(error)


def print_error(error):
    Gio.DBusError.strip_remote_error(error)
    print(error.message, file=sys.stderr)


def main(verb, argument, start="0"):
    client = Client()
    if verb == "run":
        (pipeline,) = client.call("RunPipeline", "(s)", argument)
        return client.follow(pipeline, client.cancel)
    if verb == "feed":
        options = {"input": GLib.Variant("b", True)}
        (pipeline,) = client.call("RunPipelineWithOptions", "(sa{sv})", argument, options)
        client.feed(pipeline)
        return client.follow(pipeline, client.cancel)
    if verb == "detach":
        options = {"detached": GLib.Variant("b", True)}
        print(*client.call("RunPipelineWithOptions", "(sa{sv})", argument, options))
        return 0
    if verb == "attach":
        client.signals = int(start)
        client.call("AttachPipeline", "(iu)", int(argument), client.signals)
        return client.follow(int(argument), client.leave)
    raise SystemExit(__doc__)


if __name__ == "__main__":
    if len(sys.argv) not in (3, 4):
        raise SystemExit(__doc__)
    try:
        raise SystemExit(main(*sys.argv[1:]))
    except GLib.Error as error:
        print_error(error)
        raise SystemExit(1)
