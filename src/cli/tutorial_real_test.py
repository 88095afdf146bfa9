"""docs/tutorial.md: its commands, in its order, by its three people, print what it says."""
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

from browser import Browser
from program import LIMIT_S, ROOT, WARDLOCK, console_steps, free_port, pattern_of
from signed_in_site import PASSWORD

DOCUMENT = ROOT / "docs" / "tutorial.md"


class Pages:
    """Where the browser goes."""

    def __init__(self, port):
        self.urls = [f"http://localhost:{port}"]


class TutorialTest(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name)
        (self.folder / "policies").symlink_to(ROOT / "policies")
        (self.folder / "build").mkdir()
        self.port = free_port()
        self.whose = None  # the terminal that is used
        self.browsers = {}

    def start(self):
        """What `./dev run --managed` does when it has built."""
        server = subprocess.Popen(
            [ROOT / "tools" / "managed_hospital.sh", WARDLOCK, "build/hospital", str(self.port)],
            cwd=self.folder, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.addCleanup(server.stdout.close)
        self.addCleanup(server.wait, LIMIT_S)
        self.addCleanup(server.send_signal, signal.SIGTERM)
        said = ""
        while "Ctrl-C stops it" not in said:
            line = server.stdout.readline()
            self.assertTrue(line, f"it did not start: {said}")
            said += line
        self.assertIn(f"keeps the hospital's policies on http://localhost:{self.port}", said)
        for name in ("dr-okafor", "security-ivers", "privacy-dunn"):
            self.assertIn(f". build/hospital/{name}.sh", said)
        for secret in ("signer.pem", "administrator.token", "ward-app.token", "dr-okafor.code"):
            mode = (self.folder / "build" / "hospital" / secret).stat().st_mode
            self.assertEqual(mode & 0o077, 0, secret)

    def shell(self, command):
        source = f"{self.whose}\n" if self.whose else ""
        # A terminal of theirs: nothing of the one that runs the tests is in it.
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith(("WARDLOCK", "XDG_"))}
        return subprocess.Popen(["bash", "-c", source + command], cwd=self.folder, text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                env={**clean, "HOME": str(self.folder), "BROWSER": ""})

    def browser(self):
        """Of whose terminal it is; they enrol when they need it first."""
        name = re.search(r"hospital/(.*)\.sh", self.whose)[1]
        if name not in self.browsers:
            browser = self.browsers[name] = Browser(Pages(self.port))
            code = (self.folder / "build" / "hospital" / f"{name}.code").read_text().strip()
            self.assertTrue(browser.enrol_app(code, PASSWORD), browser.page)
            self.assertTrue(browser.sign_in_twofold(name, PASSWORD), browser.page)
        return self.browsers[name]

    def run_command(self, command):
        """What it prints. A login is allowed in the browser."""
        process = self.shell(command)
        with process.stdout:
            said = ""
            if command.startswith("wardlock login"):
                said = process.stdout.readline()
                found = re.search(r"open (\S+)/device in any browser, and enter (\S+)", said)
                self.assertTrue(found, said)
                self.assertEqual(found[1], f"http://localhost:{self.port}")
                self.assertTrue(self.browser().allow_device(found[2]), self.browser().page)
            said += process.stdout.read()
        process.wait(LIMIT_S)
        return said.replace(f":{self.port}", ":8180")

    def test_prints_what_the_document_says(self):
        self.start()
        count = 0
        for command, printed in console_steps(DOCUMENT):
            while "<<'END'" in command and not command.endswith("\nEND"):
                line, _, printed = printed.partition("\n")
                command += "\n" + line
            if command.startswith(". "):
                self.whose = command
            pattern = f"\\A{pattern_of(printed)}\\Z"
            said = self.run_command(command)
            until = time.monotonic() + LIMIT_S
            # What happened is in the log a moment after the answer.
            while command.startswith("wardlock audit query") and time.monotonic() < until and \
                    not re.search(pattern, said):
                time.sleep(0.2)
                said = self.run_command(command)
            self.assertRegex(said, pattern, command)
            count += 1
        self.assertGreater(count, 20)
        self.assertIn("Nurse", (self.folder / "change.html").read_text())
        self.assertIn("./dev run --managed", DOCUMENT.read_text())


if __name__ == "__main__":
    unittest.main()
