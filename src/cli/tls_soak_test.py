"""testssl.sh examines `wardlock serve` as it would any server on a network: nothing above low."""
import json
import pathlib
import shutil
import subprocess
import tempfile
import unittest

from serving import Certificates, Serve, Site

LIMIT_S = 1200
HARMLESS = {"OK", "INFO", "LOW"}
# About the certificate, which is the operator's: ours is for the test only, lives for days, and its
# authority publishes no revocation lists.
ABOUT_THE_CERTIFICATE = {"cert_expirationStatus", "cert_notAfter", "cert_revocation",
                         "cert_validityPeriod"}


@unittest.skipUnless(shutil.which("testssl"), "testssl.sh is not installed")
class TlsTest(unittest.TestCase):
    def test_nothing_above_low(self):
        with tempfile.TemporaryDirectory() as folder:
            site = Site(folder)
            Certificates(folder).issue("server", "DNS:localhost,IP:127.0.0.1", "serverAuth")
            site.config["listeners"] = [{"address": "127.0.0.1:0", "tls": {
                "certificate": "server.pem", "key": "server.key", "client_ca": "ca.pem"}}]
            server = Serve(site)
            self.addCleanup(server.stop)
            port = server.urls[0].rpartition(":")[2]
            report = pathlib.Path(folder) / "report.json"
            subprocess.run(["testssl", "--quiet", "--color", "0", "--warnings", "off",
                            "--ip", "127.0.0.1", "--add-ca", f"{folder}/ca.pem",
                            "--jsonfile", report, f"https://localhost:{port}"],
                           capture_output=True, check=False, timeout=LIMIT_S)
            findings = json.loads(report.read_text())
        self.assertGreater(len(findings), 100, "it examined next to nothing")
        self.assertEqual([], [finding for finding in findings
                              if finding["severity"] not in HARMLESS
                              and finding["id"] not in ABOUT_THE_CERTIFICATE])


if __name__ == "__main__":
    unittest.main()
