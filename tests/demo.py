# SPDX-License-Identifier: GPL-3.0-or-later
"""make demo: a badge opens a door, with the real programs on virtual hardware, in one directory.

With --once it ends by itself: 0 if every tap had the outcome that was expected.
"""

import signal
import sys
import tempfile
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from rig.cantine import Cantine  # noqa: E402
from rig.virtual_reader import PROGRAM as VIRTUAL_READER  # noqa: E402

MEMBERS = [
    ("Ada Lovelace", "04A1B2C3D4E5F6", "ada@example.org", "Ada"),
    ("Grace Hopper", "04B2C3D4E5F6A7", "grace@example.org", "Grace"),
    ("Jules Verne", "D3C4B5A6", "jules@example.org", None),
]
STRANGER = "04DEADBEEF0001"


def say(text=""):
    print(text, flush=True)


def frame_shown(frame):
    if frame.good:
        say(f"     relay      {frame.raw.hex(' ').upper()}   "
            f"{'unlocked' if frame.on else 'locked'}")
    else:
        say(f"     relay      {frame.raw.hex(' ').upper()}   not a frame")


def fill(cantine):
    for name, uid, email, display in MEMBERS:
        cantine.add_member(name, uid, email=email)
        if display:
            cantine.ctl("member", "edit", name, "--display-name", display)


def event_after(cantine, seen):
    """The `access` event on MQTT that the tap brought."""
    _, event = cantine.broker.messages.wait(
        lambda m: m[0] == "cantine/amiens/event" and m[1]["type"] == "access", seen,
        what="the event on MQTT")
    return event


def play(cantine, title, uid, expected):
    """One tap: shows its way through Cantine; True if it came out as expected."""
    say(f"  ▸  {title}")
    messages, frames = len(cantine.broker.messages), len(cantine.relay.frames)
    tap, _ = cantine.tap(uid)
    event = event_after(cantine, messages)
    outcome = (event["result"], event["reason"])
    say(f"     decision   {event['result']} ({event['reason']})")
    if event["result"] == "granted":
        on = cantine.relay.wait(True, frames)
        say(f"     took       {(on.at - tap.put) / 1000:.1f} ms from the badge to the relay")
        cantine.relay.wait(False, frames)
    say(f"     journal    {cantine.ctl('log').splitlines()[-1].strip()}")
    say(f"     MQTT       event {event['seq']}, {cantine.ctl('occupancy').strip()}")
    if outcome != expected:
        say(f"     EXPECTED   {expected[0]} ({expected[1]})")
    say()
    return outcome == expected


def taps(cantine):
    yield play(cantine, "Ada holds her badge to the reader", MEMBERS[0][1], ("granted", "ok"))
    yield play(cantine, "A stranger tries a badge that nobody knows", STRANGER,
               ("refused", "unknown_badge"))
    yield play(cantine, "Grace comes in", MEMBERS[1][1], ("granted", "ok"))
    cantine.ctl("member", "suspend", "Jules Verne")
    yield play(cantine, "Jules was suspended a second ago (cantinectl member suspend)",
               MEMBERS[2][1], ("refused", "member_suspended"))


def stay(cantine):
    say("Your turn, in another terminal:\n")
    say(f"  {VIRTUAL_READER} --control {cantine.reader_device.control} tap 04A1B2C3D4E5F6")
    say(f"  export DBUS_SYSTEM_BUS_ADDRESS={cantine.bus.address}")
    say(f"  build/cantinectl --config {cantine.configuration} log")
    say(f"  sqlite3 {cantine.directory}/records.db "
        "\"UPDATE badge SET status = 'lost' WHERE uid = '04A1B2C3D4E5F6'\"")
    say(f"  mosquitto_sub -p {cantine.broker.port} -v -t 'cantine/#'\n")
    say("Ctrl-C ends it and leaves nothing behind.\n")
    for program in cantine.programs:
        threading.Thread(target=follow, args=(program,), daemon=True).start()
    try:
        signal.pause()
    except KeyboardInterrupt:
        say("\nGoodbye.")


def follow(program):
    """Shows what a program says from now on."""
    seen = len(program.lines)
    while True:
        say(f"     {program.lines.wait(lambda line: True, seen, 1e6)}")
        seen += 1


def demo():
    once = "--once" in sys.argv[1:]
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="cantine-demo-") as directory:
        say("Starting D-Bus, an MQTT broker, a virtual PN532, a virtual relay, and Cantine …\n")
        with Cantine(directory, told=frame_shown, repeat_after="1s", unlock="1s") as cantine:
            fill(cantine)
            say(f"  The lobby screen: {cantine.lobby}\n")
            right = all(list(taps(cantine)))
            if not once:
                stay(cantine)
    say("Every outcome was as expected." if right else "An outcome was NOT as expected.")
    return 0 if right else 1


def main():
    try:
        return demo()
    except KeyboardInterrupt:  # during the start or the taps: all is put away by now
        return 130


if __name__ == "__main__":
    sys.exit(main())
