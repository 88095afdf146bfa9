"""The systemd unit, judged by systemd."""
import json
import os
import pathlib
import re
import signal
import subprocess
import tempfile
import unittest

from package import ROOT, output_of
from proxy import free_port, make_certificates
import program

UNIT = ROOT / "deploy" / "systemd" / "wardlock.service"
MOST_EXPOSED = 1.2  # of 10, in `systemd-analyze security`; what is left is that it has a network


class UnitTest(unittest.TestCase):
    def verify(self, text):
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder, "wardlock.service")
            unit.write_text(text.replace("/usr/bin/wardlock", program.WARDLOCK))
            return subprocess.run(["systemd-analyze", "verify", "--man=no", str(unit)], text=True,
                                  capture_output=True)

    def test_is_sound(self):
        result = self.verify(UNIT.read_text())
        self.assertEqual((result.returncode, result.stderr), (0, ""))

    def test_a_mistake_would_be_seen(self):
        for line, says in [("NoSuchSetting=1", "Unknown key"),
                           ("SystemCallFilter=@no-such-group", "no-such-group"),
                           ("ExecReload=/no/such/program", "not executable")]:
            result = self.verify(UNIT.read_text().replace("[Service]", f"[Service]\n{line}"))
            self.assertIn(says, result.stderr, line)

    def exposure(self, text):
        with tempfile.TemporaryDirectory() as folder:
            unit = pathlib.Path(folder, "etc/systemd/system/wardlock.service")
            unit.parent.mkdir(parents=True)
            unit.write_text(text)
            found = output_of("systemd-analyze", "security", "--offline=yes", f"--root={folder}",
                              "--json=short", "wardlock.service")
            lines = output_of("systemd-analyze", "security", "--offline=yes", f"--root={folder}",
                              "--no-pager", "wardlock.service").splitlines()
        figure = next(line for line in lines if "Overall exposure level" in line)
        return float(figure.split(": ")[1].split()[0]), json.loads(found)

    def test_is_exposed_to_little(self):
        exposure, findings = self.exposure(UNIT.read_text())
        self.assertLessEqual(exposure, MOST_EXPOSED)
        bad = {finding["name"] for finding in findings
               if not finding["set"] and float(finding["exposure"] or 0) > 0.2}
        self.assertEqual(bad, {"PrivateNetwork=", "RestrictAddressFamilies=~AF_(INET|INET6)"})

    def test_without_a_line_of_defence_it_is_more_exposed(self):
        text = UNIT.read_text()

        def weight(unit):
            return sum(float(finding["exposure"] or 0) for finding in self.exposure(unit)[1])
        least = weight(text)
        for setting in ["NoNewPrivileges", "ProtectSystem", "CapabilityBoundingSet", "User",
                        "MemoryDenyWriteExecute", "SystemCallFilter", "RestrictNamespaces"]:
            rest = "".join(line for line in text.splitlines(keepends=True)
                           if not line.startswith(setting + "="))
            self.assertNotEqual(rest, text)
            self.assertGreater(weight(rest), least, setting)


class SystemCallsTest(unittest.TestCase):
    """Whether the unit leaves the server what it needs: this cannot be tried without systemd as the
    first process, so its system calls are compared with those that the unit allows."""

    def allowed(self):
        groups, group = {}, ""
        for line in output_of("systemd-analyze", "syscall-filter").splitlines():
            word = line.strip()
            if line.startswith("@"):
                group = word
                groups[group] = set()
            elif group and word and not word.startswith("#"):
                groups[group].add(word)

        def calls(name):
            return set().union(*(calls(each) if each.startswith("@") else {each}
                                 for each in groups[name]))
        allowed = calls("@default")
        for word in re.findall("^SystemCallFilter=(.*)$", UNIT.read_text(), re.M):
            allowed = allowed - calls(word[1:]) if word[0] == "~" else allowed | calls(word)
        return allowed

    def test_the_server_makes_no_other_calls_than_the_unit_allows(self):
        with tempfile.TemporaryDirectory() as name:
            folder, port, tls_port = pathlib.Path(name), free_port(), free_port()
            make_certificates(folder / "tls", ("wardlock", "wardlock.example"))
            (folder / "wardlock.yaml").write_text(
                f"""listeners: [{{address: 127.0.0.1:{port}}}, {{address: 127.0.0.1:{tls_port},
                    tls: {{certificate: tls/wardlock.pem, key: tls/wardlock.key}}}}]
                    policies: {program.HOSPITAL}\ncallers: []
                    audit: {{directory: {folder}/audit}}""".replace("  ", ""))
            trace = folder / "trace"
            server = subprocess.Popen(
                ["strace", "-f", "-qq", "-o", trace, "-I4", program.WARDLOCK, "serve", "--config",
                 folder / "wardlock.yaml"], text=True, stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL, env={**os.environ, "NOTIFY_SOCKET": str(folder / "none")})
            self.addCleanup(server.communicate)
            self.assertIn("listening", server.stdout.readline())
            for url in [f"http://127.0.0.1:{port}/readyz", f"https://127.0.0.1:{tls_port}/readyz"]:
                output_of("curl", "-sfk", url)
            pid = int(trace.read_text().split(None, 1)[0])
            os.kill(pid, signal.SIGHUP)
            output_of("curl", "-sf", f"http://127.0.0.1:{port}/healthz")
            os.kill(pid, signal.SIGTERM)
            self.assertEqual(server.wait(program.LIMIT_S), 0)
            text = trace.read_text()
        made = set(re.findall(r"^\d+ +(\w+)\(", text, re.M))
        self.assertLessEqual({"listen", "accept", "openat", "sendto"}, made)
        if os.geteuid() == 0:
            made.discard("fchown")  # SQLite's, who leaves it where it is not root
        self.assertEqual(made - self.allowed(), set())
        mapped = re.findall("^.*PROT_WRITE.*PROT_EXEC.*$", text, re.M)
        self.assertEqual(mapped, [], "MemoryDenyWriteExecute= forbids it")
        families = set(re.findall(r" socket\((\w+)", text))
        allowed = re.search("^RestrictAddressFamilies=(.*)$", UNIT.read_text(), re.M)[1].split()
        self.assertLessEqual(families, set(allowed))


if __name__ == "__main__":
    unittest.main()
