"""A server at which people sign in, and the command line with which they do; for the real tests."""
import json
import os
import pathlib
import re
import subprocess
import threading

from browser import Browser
from directory_site import Administrator, DirectorySite
from program import LIMIT_S, WARDLOCK, run
from serving import Serve

PASSWORD = "seven zebra crossings"


class SignedInSite:
    """The first administrator, `hale`, signs in with two proofs; others as the tests have it.
    `more`: settings at the top of the file."""

    def __init__(self, test, folder, more=None, **authentication):
        self.test = test
        self.folder = pathlib.Path(folder)
        self.site = DirectorySite(self.folder)
        self.site.config["authentication"] = {"otherwise": "office", **authentication}
        self.site.config.update(more or {})
        self.site.save()
        self.server = test.enterContext(Serve(self.site))
        self.hale = Administrator(self.server, self.site.first[""])
        self.url = f"http://localhost:{Browser(self.server).port}"

    def browser(self, name, code):
        """Somebody who has enrolled with an app and a password, and is signed in."""
        browser = Browser(self.server)
        self.test.assertTrue(browser.enrol_app(code, PASSWORD), browser.page)
        self.test.assertTrue(browser.sign_in_twofold(name, PASSWORD), browser.page)
        return browser

    def invited(self, name, *roles):
        """Their id, and the code that they enrol with."""
        person = self.hale.create("people", "active", userName=name)
        for role in roles:
            self.hale.relate("roleAssignment", person, self.hale.role("Wardlock::" + role))
        return person, self.hale.must("POST", f"people/{person}/invitation", {})["token"]

    def home(self, name):
        """A home of their own, for the command line."""
        folder = self.folder / f"home-{name}"
        folder.mkdir(exist_ok=True)
        clean = {"WARDLOCK_SERVER": "", "WARDLOCK_TOKEN_FILE": "", "WARDLOCK_CA": "", "BROWSER": "",
                 "DISPLAY": "", "WAYLAND_DISPLAY": "", "SSH_CONNECTION": ""}
        return {**clean, "HOME": str(folder), "XDG_CONFIG_HOME": str(folder / "config")}

    def book(self, name):
        return self.folder / f"home-{name}" / "config" / "wardlock" / "logins.json"

    def kept(self, name):
        """The only login that there is."""
        return json.loads(self.book(name).read_text())["logins"][0]

    def outdate(self, name):
        """The access token is about to end."""
        whole = json.loads(self.book(name).read_text())
        whole["logins"][0]["until"] = 0
        self.book(name).write_text(json.dumps(whole))

    def ask(self, name, *words):
        return run(*words, env=self.home(name))

    def login(self, name, browser, *words):
        """`wardlock login --device`, allowed in the browser: its exit status, and what it prints."""
        process = subprocess.Popen(
            [WARDLOCK, "login", "--device", "--server", self.url, *words], text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env={**os.environ, **self.home(name)})
        rest = threading.Thread(target=process.stderr.read, daemon=True)
        try:
            line = process.stderr.readline()
            found = re.search(r"open (\S+)/device in any browser, and enter (\S+)", line)
            self.test.assertTrue(found, line)
            self.test.assertEqual(found[1], self.url)
            rest.start()
            self.test.assertTrue(browser.allow_device(found[2]), browser.page)
            printed = process.stdout.read()
            return process.wait(LIMIT_S), printed
        finally:
            process.kill()
            process.wait()
            process.stdout.close()
            if rest.ident:
                rest.join(LIMIT_S)
            process.stderr.close()
