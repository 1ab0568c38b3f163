# SPDX-License-Identifier: GPL-3.0-or-later
"""A private D-Bus that stands for the system bus."""

import subprocess
from pathlib import Path

from rig.waiting import DEADLINE, wait_until

CONFIGURATION = """<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:path={socket}</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow own="*"/>
    <allow send_destination="*"/>
    <allow receive_sender="*"/>
    <allow user="*"/>
  </policy>
</busconfig>
"""


class Bus:
    def __init__(self, directory):
        self.socket = Path(directory) / "bus.sock"
        self.configuration = Path(directory) / "bus.conf"
        self.process = None

    @property
    def address(self):
        return f"unix:path={self.socket}"

    def start(self):
        self.configuration.write_text(CONFIGURATION.format(socket=self.socket))
        self.socket.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            ["dbus-daemon", f"--config-file={self.configuration}", "--nofork", "--nopidfile"],
            stderr=subprocess.DEVNULL, process_group=0)
        wait_until(self.socket.exists, what="the private D-Bus")
        return self

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
            self.process = None

    def send(self, *arguments):
        """What dbus-send, another program than ours, gets."""
        done = subprocess.run(["dbus-send", f"--bus={self.address}", "--print-reply", *map(str, arguments)],
                              capture_output=True, text=True, timeout=DEADLINE, check=False)
        return done.stdout + done.stderr

    __enter__ = start

    def __exit__(self, *_):
        self.stop()
