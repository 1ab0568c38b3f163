# SPDX-License-Identifier: GPL-3.0-or-later
"""The lobby screen's unit: its own command line, with Debian's cage and Chromium, onto a screen that isn't there."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from rig.browser import LobbyBroker
from rig.card import FOLDER
from rig.waiting import wait_until

NOBODY = 65534
HEADLESS = {"WLR_BACKENDS": "headless", "WLR_LIBINPUT_NO_DEVICES": "1", "WLR_RENDERER": "pixman"}


def command_of(unit, **variables):
    """The words of ExecStart=, as systemd.service(5) puts variables in."""
    line = re.search(r"(?m)^ExecStart=((?:.*\\\n)*.*)$", unit)[1].replace("\\\n", " ")
    return [re.sub(r"\$\{(\w+)\}", lambda match: variables[match[1]], word) for word in shlex.split(line)]


class Screen:
    """The unit's program in a folder of its own; as nobody if this is root, which cage refuses to be, and then
    with a /tmp of its own, as the unit has."""

    def __init__(self, words):
        self.words = words
        self.process = None
        self.folder = Path(tempfile.mkdtemp(prefix="cantine-screen-", dir="/var/tmp"))

    def __enter__(self):
        before = []
        if os.getuid() == 0:
            os.chown(self.folder, NOBODY, NOBODY)
            before = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups"]
            if subprocess.run(["unshare", "-m", "true"], capture_output=True, check=False).returncode == 0:
                own = 'mount -t tmpfs -o mode=1777 tmpfs /tmp; exec "$@"'
                before = ["unshare", "-m", "sh", "-euc", own, "sh", *before]
        words = [word.replace("/run/cantine-kiosk", str(self.folder)) for word in self.words]
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen([*before, *words], stdout=log, stderr=log, stdin=subprocess.DEVNULL,
                                            start_new_session=True, cwd=self.folder,
                                            env={**HEADLESS, "HOME": str(self.folder), "PATH": os.environ["PATH"],
                                                 "XDG_RUNTIME_DIR": str(self.folder)})
        return self

    def goes_on(self):
        assert self.process.poll() is None, (self.folder / "log").read_text(errors="replace")

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(15)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


def test_the_screen_shows_the_lobby(tmp_path):
    """The page is loaded from the broker and asks it for the site's topics."""
    unit = (FOLDER / "kiosk/cantine-kiosk.service").read_text()
    settings = dict(re.findall(r"(?m)^(\w+)=(.*)$", (FOLDER / "kiosk/cantine-kiosk.env").read_text()))
    assert re.fullmatch(r"http://[\w.]+:8080/\?site=cantine&lang=fr", settings["LOBBY"])
    with LobbyBroker(tmp_path) as broker:
        words = command_of(unit, **{**settings, "LOBBY": broker.address(site="amiens", lang="fr")})
        place = words.index("--kiosk")  # in a container the browser has no sandbox, and there is no graphics chip
        with Screen([*words[:place], "--no-sandbox", "--disable-gpu", *words[place:]]) as screen:
            def asked():
                screen.goes_on()
                return "cantine/amiens/occupancy" in broker.subscriptions()

            wait_until(asked, 60, "the lobby page")
