"""Kills a process that appends to a log 250 times, and asks each time for what it had acknowledged."""

import os
import pathlib
import subprocess
import sys

build = pathlib.Path(os.environ["WARDLOCK"]).resolve().parent.parent
test = build / "src" / "audit_log_test"
sys.exit(
    subprocess.run(
        [test, "--gtest_filter=LogKillTest.*"],
        env={**os.environ, "WARDLOCK_KILLS": "250"},
        check=False,
    ).returncode
)
