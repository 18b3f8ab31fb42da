"""Runs a command on a terminal of its own: what it shows there is our output, and what is typed there our input."""

import os
import pty
import sys

status = os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:]))
sys.exit(status if status >= 0 else 128 - status)
