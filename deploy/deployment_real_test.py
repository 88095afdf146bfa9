"""docs/deployment.md, followed to the letter: its blocks are run in order, with the package unpacked,
below a folder in place of /, on ports of our own."""
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import time
import unittest

from package import ROOT, output_of, pack
from proxy import MAIN, free_port
import program

DOCUMENT = ROOT / "docs" / "deployment.md"
BLOCK = re.compile(r"<!-- tested: (.*?) -->\n```sh\n(.*?)```", re.S)
# What the document does to users is left out: there is none called wardlock.
PRELUDE = """
set -eo pipefail
chgrp() { [[ $1 == wardlock && -e $2 ]]; }
runuser() { shift 3; "$@"; }
"""


class DeploymentTest(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.root = pathlib.Path(folder.name) / "system"
        (pathlib.Path(folder.name) / "packed").mkdir()
        output_of("dpkg-deb", "-x", pack(pathlib.Path(folder.name) / "packed"), cls.root)
        for place in ["etc/nginx/sites-enabled", "root", "var/log/nginx", "var/lib/wardlock"]:
            (cls.root / place).mkdir(parents=True)
        cls.ports = {port: str(free_port()) for port in ["443", "8443", "8180", "9000"]}
        cls.blocks = dict(BLOCK.findall(DOCUMENT.read_text()))
        cls.functions = ""

    def here(self, text):
        text = re.sub(r"(?<![\w.])/(?=(etc|usr/share|root|var/log|var/lib/wardlock)/)", f"{self.root}/", text)
        return re.sub(r":(443|8443|8180|9000)\b", lambda port: ":" + self.ports[port[1]], text)

    def run_here(self, text, name="command"):
        """What it prints. Its functions are there for what follows."""
        script = self.here(text)
        path = f"{self.root}/usr/bin:{os.environ['PATH']}"
        result = subprocess.run(["bash", "-c", PRELUDE + self.functions + script], text=True,
                                capture_output=True, cwd=self.root, timeout=program.LIMIT_S,
                                env={**os.environ, "PATH": path})
        self.assertEqual(result.returncode, 0, f"{name}:\n{result.stdout}{result.stderr}")
        type(self).functions += "".join(re.findall(r"^\w+\(\) \{\n.*?^\}\n", script, re.S | re.M))
        return result.stdout

    def run_block(self, name):
        return self.run_here(self.blocks[name], name)

    def ask(self, who, path):
        return self.run_here(f"ask {who} {path}")

    def wait_for(self, attempt):
        for _ in range(100):
            try:
                return attempt()
            except AssertionError:
                time.sleep(0.1)
        return attempt()

    def start(self, *command):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   text=True)

        def stop():
            process.terminate()
            process.communicate()
        self.addCleanup(stop)
        return process

    def start_wardlock(self):
        """As the unit does."""
        unit = (self.root / "lib/systemd/system/wardlock.service").read_text()
        command = self.here(re.search(r"^ExecStart=(.*)$", unit, re.M)[1]).split()
        process = self.start(f"{self.root}{command[0]}", *command[1:])
        self.wait_for(lambda: self.run_block("ready"))
        return process

    def start_nginx(self):
        """With other ports, its log elsewhere, and a file in place of Debian's nginx.conf."""
        etc = self.root / "etc/nginx"
        for file in [*etc.glob("conf.d/*"), *etc.glob("sites-available/*")]:
            text = self.here(file.read_text())
            file.write_text(text.replace("listen 443", f"listen 127.0.0.1:{self.ports['443']}"))
        temporary = "\n".join(f"{kind}_temp_path {self.root}/{kind};" for kind in
                              ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
        user = "user root;" if os.geteuid() == 0 else ""
        (etc / "nginx.conf").write_text(MAIN.format(user=user, temporary=temporary))
        command = ["nginx", "-p", f"{etc}/", "-c", f"{etc}/nginx.conf"]
        output_of(*command, "-t")
        self.start(*command, "-e", f"{etc}/error.log")

    def test_leads_to_a_first_denial_and_beyond(self):
        self.run_block("certificates")
        modes = {path.name: f"{path.stat().st_mode & 0o777:o}"
                 for path in (self.root / "etc/wardlock/tls").iterdir()}
        self.assertEqual(modes, {"ca.pem": "644", "ca.key": "600", "wardlock.pem": "644",
                                 "wardlock.key": "640", "hospital.pem": "644",
                                 "hospital.key": "600"})
        self.assertIn("sound", self.run_block("configuration"))
        token_file = self.root / "root/nginx-token"
        self.assertEqual(token_file.stat().st_mode & 0o777, 0o600)
        server = self.start_wardlock()
        self.run_block("nginx")
        self.start_nginx()

        answers = self.wait_for(lambda: self.run_block("requests"))
        self.assertRegex(answers, r"\AGET /patients/p-100, for User dr-grey\ndecision [0-9a-f-]{36}\n"
                                  r"Access denied\.\n")
        self.assertRegex(answers, r"\n[0-9a-f-]{36} to your administrator")
        self.assertIn("DENY", self.run_here(self.blocks["why"].rstrip() + " || [[ $? == 2 ]]"))
        for who, path, says in [
                ("dr-grey", "/lab-reports/lab-100-1", "for User dr-grey"),
                ("nurse-lee", "/pumps/pump-7/settings", "for User nurse-lee"),
                ("dr-stone", "/lab-reports/lab-100-1", "Access denied"),
                ("dr-grey", "/patients/no-such-patient", "Access denied"),
                ("dr-grey", "/wards/cardiology", "404 Not Found")]:
            self.assertIn(says, self.ask(who, path), (who, path))

        found = self.run_block("audit")
        self.assertIn("whole", found)
        self.assertRegex(found, 'dr-grey".*p-100')
        self.assertRegex(found, 'dr-stone".*p-100')

        # On a busy machine it may take longer than the document says.
        for block, says in [("change", "for User dr-stone"), ("change back", "Access denied")]:
            self.run_block(block)
            self.wait_for(lambda says=says: self.assertIn(
                says, self.ask("dr-stone", "/patients/p-100")))
        broken = self.root / "etc/wardlock/policies/hospital/broken.cedar"
        broken.write_text("permit (")
        time.sleep(6)
        self.assertIn("for User dr-grey", self.ask("dr-grey", "/patients/p-100"))

        server.send_signal(signal.SIGTERM)
        _, log = server.communicate(timeout=program.LIMIT_S)
        self.assertEqual(server.returncode, 0, log)
        self.assertIn("No decision.", self.ask("dr-grey", "/patients/p-100"))
        self.assertIn("broken.cedar", log)
        token = re.search("^token: *(.*)$", token_file.read_text(), re.M)[1]
        for secret in [token, "p-100", "dr-grey", "dr-stone"]:
            self.assertNotIn(secret, log)

    def test_names_files_that_there_are(self):
        text = DOCUMENT.read_text()
        self.assertEqual(len(BLOCK.findall(text)), text.count("<!-- tested: "))
        self.assertGreaterEqual(len(self.blocks), 8)
        for path in re.findall(r"/usr/share/[\w/.-]*\w", text):
            self.assertTrue((self.root / path[1:]).exists(), path)

    def test_the_shipped_configuration_is_sound_and_lets_nobody_ask(self):
        shipped = self.root / "etc" / "shipped.yaml"
        shipped.write_text(self.here((ROOT / "deploy" / "wardlock.yaml").read_text()))
        self.assertRegex(self.run_here(f"wardlock config check --config {shipped}"),
                         r"^sound: .*callers 0, policies [1-9]")


if __name__ == "__main__":
    unittest.main()
