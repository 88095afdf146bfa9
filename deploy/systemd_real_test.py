"""The systemd unit, judged by systemd."""
import json
import pathlib
import subprocess
import tempfile
import unittest

from package import ROOT, output_of
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


if __name__ == "__main__":
    unittest.main()
