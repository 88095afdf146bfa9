"""A log whose checkpoints a witness cosigns: rollback and fork are found. The witness is witness.py, or
the program that $WARDLOCK_WITNESS names."""
import contextlib
import http.server
import json
import os
import pathlib
import shutil
import subprocess
import sys
import threading
import time
import unittest

from program import LIMIT_S, ProgramTest
from serving import Serve, Site, eventually

OWN = [sys.executable, str(pathlib.Path(__file__).with_name("witness.py"))]


class WitnessProcess:
    def __init__(self, log_key):
        program = os.environ.get("WARDLOCK_WITNESS")
        self.process = subprocess.Popen([*([program] if program else OWN), log_key],
                                        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                                        text=True)
        self.url = self.process.stdout.readline().strip()
        self.key = self.process.stdout.readline().strip()

    def stop(self):
        self.process.kill()
        self.process.wait(LIMIT_S)
        self.process.stdout.close()


class Wavering(http.server.BaseHTTPRequestHandler):
    """A witness that is slow, and names another size each time that it is asked."""
    asked = 0

    def do_POST(self):
        Wavering.asked += 1
        time.sleep(3)
        body = f"{Wavering.asked % 2}\n".encode()
        self.send_response(409)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        with contextlib.suppress(OSError):
            self.wfile.write(body)

    def log_message(self, *_):
        pass


class WitnessTest(ProgramTest):
    def setUp(self):
        super().setUp()
        self.site = Site(self.folder)
        self.token = self.site.add_caller("gateway")
        self.watcher = self.site.add_caller("monitoring", scope=None, rights=["metrics"])
        self.site.config["audit"] = {"directory": "log", "checkpoint_interval": "100ms"}
        with Serve(self.site) as server:
            self.assertTrue(server.decision(self.token))
        self.witness = WitnessProcess((self.folder / "log/public.key").read_text().strip())
        self.addCleanup(self.witness.stop)
        self.site.config["audit"] |= {
            "witness_interval": "1s",
            "witnesses": [{"name": "w1", "url": self.witness.url, "key": self.witness.key}]}

    def metric(self, server, name):
        return server.metrics(self.watcher)[f'wardlock_audit_witness_{name}{{witness="w1"}}']

    def decide(self, server, count=3):
        for _ in range(count):
            self.assertTrue(server.decision(self.token))

    def wait_for_cosigned(self, server):
        """Until the witness has confirmed all that there is."""
        size = server.metrics(self.watcher)["wardlock_audit_size"]
        eventually(lambda: self.metric(server, "size") >= size)

    def verify(self, folder, code=0):
        return self.json_of("audit", "verify", folder, "--witness", self.witness.url,
                            "--witness-key", self.witness.key, code=code)

    def roll_back(self):
        """Something is decided after a copy of the log was made; returns the copy."""
        with Serve(self.site) as server:
            self.wait_for_cosigned(server)
        shutil.copytree(self.folder / "log", self.folder / "earlier")
        with Serve(self.site) as server:
            self.decide(server, 10)
            self.wait_for_cosigned(server)
        return "earlier"


class CosignedTest(WitnessTest):
    def test_checkpoints_are_cosigned_while_it_serves(self):
        with Serve(self.site) as server:
            for _ in range(3):
                self.decide(server)
                self.wait_for_cosigned(server)
            self.assertEqual(self.metric(server, "disagrees"), 0)
            self.assertEqual(self.metric(server, "failures_total"), 0)
            self.assertTrue(self.verify("log")["rollback_excluded"])
            self.assertNotIn("witness", json.loads(server.request("GET", "/readyz")[2]))
        cosigned = (self.folder / "log/cosigned").read_text()
        self.assertIn("\u2014 witness.example ", cosigned)
        self.assertTrue(self.json_of("audit", "verify", "log")["whole"])

    def test_a_log_that_the_witness_has_seen_last_is_no_rollback(self):
        with Serve(self.site) as server:
            self.decide(server)
            self.wait_for_cosigned(server)
        said = self.verify("log")
        self.assertTrue(said["whole"] and said["rollback_excluded"], said)
        self.assertEqual(said["witness"], {"url": self.witness.url, "verified": True})
        text = self.run_here("audit", "verify", "log", "--witness", self.witness.url)
        self.assertEqual(text.returncode, 0)
        self.assertIn("the witness confirms the first", text.stdout)
        self.assertIn("signature was not verified", text.stdout)

    def test_evidence_is_cosigned(self):
        with Serve(self.site) as server:
            self.decide(server)
            self.wait_for_cosigned(server)
            self.json_of("audit", "prove", "log", "--record", "1", "--out", "one.proof")
        # Of what no witness has seen yet.
        self.site.config["audit"].pop("witnesses")
        with Serve(self.site) as server:
            self.decide(server)
        self.json_of("audit", "report", "changes", "log", "--out", "new.html")
        keys = ["--key", "log/public.key", "--witness-key", self.witness.key]
        self.assertTrue(self.json_of("audit", "verify", "--bundle", "one.proof", *keys)["proven"])
        said = self.json_of("audit", "verify", "--report", "new.html", *keys, code=3)
        self.assertIn("the checkpoint: ", said["faults"][0])
        self.assertTrue(self.json_of("audit", "verify", "--report", "new.html", "--key",
                                     "log/public.key")["proven"])

    def test_cosigned_checkpoints_are_served(self):
        auditor = self.site.add_caller("auditor", rights=["audit"])

        def get(path):
            status, _, text = server.request("GET", "/audit/" + path, token=auditor)
            return text if status == 200 else status

        def status_of(path):
            return server.request("HEAD", "/audit/" + path, token=auditor)[0]

        with Serve(self.site) as server:
            self.decide(server)
            self.wait_for_cosigned(server)
            # That somebody reads the log is a record of it, too.
            eventually(lambda: "\u2014 witness.example " in get("checkpoint"))
            latest = get("checkpoint")
            self.assertEqual(latest, get("cosigned/checkpoint"))
            self.witness.stop()
            self.decide(server)
            size = server.metrics(self.watcher)["wardlock_audit_size"]
            eventually(lambda: int(get("checkpoint").split("\n")[1]) >= size)
            self.assertNotIn("witness.example", get("checkpoint"))
            self.assertEqual(get("cosigned/checkpoint"), latest)
            covered = int(latest.split("\n")[1])
            self.assertEqual(status_of(f"cosigned/tile/entries/000.p/{covered}"), 200)
            self.assertEqual(status_of(f"cosigned/tile/entries/000.p/{covered + 1}"), 404)
            self.assertEqual(status_of(f"tile/entries/000.p/{covered + 1}"), 200)
            # Whoever can write the log's folder does not make it confirmed.
            unconfirmed = [line for line in latest.splitlines(True) if "witness.example" not in line]
            (self.folder / "log/cosigned").write_text("".join(unconfirmed))
            self.assertEqual(get("cosigned/checkpoint"), 404)
        self.site.config["audit"].pop("witnesses")
        (self.folder / "log/cosigned").unlink()
        with Serve(self.site) as server:
            self.assertEqual(get("cosigned/checkpoint"), 404)

    def test_a_witness_that_is_away_holds_nothing_up(self):
        self.witness.stop()
        with Serve(self.site) as server:
            self.decide(server)
            said = server.wait_for("audit_witness_failing")
            self.assertEqual((said["witness"], said["level"]), ("w1", "warning"))
            eventually(lambda: self.metric(server, "failures_total") >= 2)
            self.assertEqual(len(server.events("audit_witness_failing")), 1, "told once")
            self.assertEqual(server.wait_for("audit_witness_unasked")["witness"], "w1")
            self.assertEqual(server.request("GET", "/readyz")[0], 200)
        self.assert_fails("a rollback is not excluded: the witness", "audit", "verify", "log",
                          "--witness", self.witness.url)

    def test_one_that_wavers_holds_no_start_up_for_long(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Wavering)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        witness, = self.site.config["audit"]["witnesses"]
        witness["url"] = f"http://127.0.0.1:{server.server_port}"
        begin = time.monotonic()
        with Serve(self.site) as started:
            self.assertEqual(started.wait_for("audit_witness_unasked")["witness"], "w1")
            self.assertLess(time.monotonic() - begin, 9)


class DisagreementTest(WitnessTest):
    def test_a_rollback_is_found(self):
        earlier = self.roll_back()
        self.assertTrue(self.json_of("audit", "verify", earlier)["whole"], "in itself")
        said = self.verify(earlier, code=3)
        self.assertEqual(len(said["findings"]), 1, said)
        self.assertIn("it was rolled back", said["findings"][0]["message"])
        self.assertFalse(said["rollback_excluded"])

    def test_a_fork_is_found(self):
        earlier = self.roll_back()
        self.site.config["audit"]["directory"] = earlier
        witnesses = self.site.config["audit"].pop("witnesses")
        with Serve(self.site) as server:
            self.decide(server, 30)
        said = self.verify(earlier, code=3)
        self.assertIn("the log is a fork", said["findings"][0]["message"])
        self.assertTrue(self.verify("log")["rollback_excluded"])
        self.site.config["audit"]["witnesses"] = witnesses
        self.assert_does_not_start("has seen other records")
        self.assert_serves_where_all_proceeds("has seen other records")

    def test_a_server_goes_on_with_no_log_that_was_rolled_back(self):
        earlier = self.folder / self.roll_back()
        # Who can put the log back can put back what was kept beside its key.
        before = (earlier / "checkpoint").read_text()
        self.site.config["audit"]["directory"] = earlier.name
        self.assert_does_not_start("rolled back")
        self.assertEqual((earlier / "checkpoint").read_text(), before, "nothing was signed")
        self.assertEqual(self.json_of("audit", "verify", earlier.name)["findings"], [])
        self.assert_serves_where_all_proceeds("rolled back")

    def assert_does_not_start(self, what):
        with self.assertRaisesRegex(AssertionError, "(?s)did not start.*the witness `w1` .*" + what):
            Serve(self.site)

    def assert_serves_where_all_proceeds(self, what):
        self.site.config["audit"]["on_failure"] = {"otherwise": "proceed"}
        self.assert_serves_and_says(what)

    def assert_serves_and_says(self, what):
        with Serve(self.site) as server:
            said = server.wait_for("audit_witness_disagrees")
            self.assertEqual(said["level"], "error")
            self.assertIn(what, said["reason"])
            self.assertEqual(self.metric(server, "disagrees"), 1)
            status, _, text = server.request("GET", "/readyz")
            self.assertEqual(status, 200)
            self.assertIn("a witness has seen another audit log", json.loads(text)["witness"])
            self.decide(server)

    def test_what_was_mistyped(self):
        for parts, arguments in [
                ("is neither a file nor a key", ["--witness", self.witness.url, "--witness-key",
                                                 "what"]),
                ("signs no cosignatures", ["--witness", self.witness.url, "--witness-key",
                                           "log/public.key"]),
                ("`--witness-key` needs `--witness`", ["--witness-key", self.witness.key]),
                ("a rollback is not excluded", ["--witness", "ftp://witness.example"])]:
            with self.subTest(arguments):
                self.assert_fails(parts, "audit", "verify", "log", *arguments)

    def test_another_witness_is_not_believed(self):
        other = WitnessProcess((self.folder / "log/public.key").read_text().strip())
        self.addCleanup(other.stop)
        self.assert_fails("did not cosign with its key", "audit", "verify", "log", "--witness",
                          other.url, "--witness-key", self.witness.key)


if __name__ == "__main__":
    unittest.main()
