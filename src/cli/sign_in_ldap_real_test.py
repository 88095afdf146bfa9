"""Real tests of signing in on the pages with the password of an LDAP directory: people of a slapd of our own, whom the
sync entered."""
import os
import unittest

import slapd
from browser import Browser
from directory_site import DirectorySite
from program import ProgramTest
from serving import Certificates, Serve

PASSWORD = "seven zebra crossings"


@unittest.skipUnless(slapd.is_installed(), "slapd and ldap-utils are not installed")
class SignInLdapTest(ProgramTest):
    def setUp(self):
        super().setUp()
        certificates = Certificates(self.folder)
        certificates.issue("server", "IP:127.0.0.1", "serverAuth")
        self.slapd = slapd.Slapd(self.folder / "slapd", self.folder)
        self.addCleanup(self.slapd.stop)
        self.write("password", slapd.READER_PASSWORD + "\n")
        os.chmod(self.folder / "password", 0o600)
        self.site = DirectorySite(self.folder)
        self.site.config["directory"]["ldap"] = {"main": {
            "url": self.slapd.url, "ca": "ca.pem", "bind_dn": slapd.READER,
            "password_file": "password", "base": slapd.PEOPLE, "groups": slapd.GROUPS}}
        self.site.config["audit"] = {"directory": str(self.folder / "log"), "immutable": False}
        self.site.config["authentication"] = {"otherwise": "office"}
        self.site.save()

    def test_the_password_of_the_directory_signs_in(self):
        ada = self.slapd.add_person("ada", userPassword=PASSWORD)
        self.slapd.add_person("bo", userPassword=PASSWORD)
        self.json_of("ldap", "sync", "--config", "wardlock.yaml", "--source", "main")
        with Serve(self.site) as server:
            self.assertFalse(Browser(server).sign_in("ada", "seven zebras"))
            self.assertTrue(Browser(server).sign_in("ada", PASSWORD))
            self.assertFalse(Browser(server).sign_in("hale", PASSWORD))  # who is not from there
            self.slapd.replace(ada, userPassword="eight zebra crossings")
            self.assertFalse(Browser(server).sign_in("ada", PASSWORD))
            self.assertTrue(Browser(server).sign_in("ada", "eight zebra crossings"))
            self.slapd.stop()
            self.assertFalse(Browser(server).sign_in("bo", PASSWORD))
        for path in self.folder.glob("log/**/*"):
            if path.is_file():
                self.assertNotIn(b"zebra", path.read_bytes(), path)


if __name__ == "__main__":
    unittest.main()
