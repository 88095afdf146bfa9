#!/usr/bin/env python3
"""Other people's OAuth clients before a live server: `wardlock serve` over TLS, made as an operator makes it.

usage: run.py

WARDLOCK names the program. Clients and the person are entered over /admin/v1; flows.mjs does the rest. It is told where a
client may publish its keys (`@place`), and asks for time to pass by a line `@later DAYS`: the keys of the database are as
much older then, and the server starts again.
"""
import contextlib
import json
import os
import pathlib
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "src" / "cli"))

from directory_site import Administrator, DirectorySite  # noqa: E402
from serving import ALL, Certificates, Serve  # noqa: E402

DAY_MS = 24 * 3600 * 1000
LIMIT_S = 240


def free_port():
    """The issuer holds it, so that it must be known beforehand."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return found.getsockname()[1]


def make_site(folder, port, keys):
    certificates = Certificates(folder)
    certificates.issue("server", "DNS:localhost", "serverAuth")
    certificates.issue("wards", "DNS:wards.example", "clientAuth")
    certificates.issue("other", "DNS:other.example", "clientAuth")
    site = DirectorySite(folder)
    site.config["listeners"] = [{"address": f"127.0.0.1:{port}", "tls": {
        "certificate": "server.pem", "key": "server.key", "client_ca": "ca.pem"}}]
    site.config["public_url"] = f"https://localhost:{port}"
    site.config["authentication"] = {
        "environments": {"office": {"networks": ["127.0.0.0/8"]}},
        "egress": {"origins": [keys], "networks": ["127.0.0.0/8"], "ca": str(folder / "ca.pem")}}
    site.config["audit"] = {"directory": str(folder / "log"), "immutable": False}
    return site, certificates


class Driver:
    """flows.mjs, and the server it runs against."""

    def __init__(self, folder):
        self.folder = folder
        self.keys = f"https://localhost:{free_port()}"
        self.site, self.certificates = make_site(folder, free_port(), self.keys)
        self.server = self.serve()

    def serve(self):
        return Serve(self.site, context=self.certificates.context())

    def enter(self, clients):
        """What flows.mjs is told: the issuer, the person, what enrols them, and each client's id and secret."""
        hale = Administrator(self.server, self.site.first[""])
        person = hale.create("people", "active", userName="grey", displayName="Dr. Meredith Grey",
                             emails=[{"value": "grey@st-mary.example"}])
        clients["pep"]["audiences"] = [self.site.config["public_url"]]
        entered = {name: hale.must("POST", "oauth-clients", client) for name, client in clients.items()}
        self.site.config["callers"] = [{"id": "pep", "clients": [entered["pep"]["client_id"]], "scope": ALL}]
        self.site.save()
        self.server.reload()
        return {"issuer": self.site.config["public_url"], "person": person, "folder": str(self.folder),
                "invitation": hale.must("POST", "oauth-client-invitations", {})["token"],
                "token": hale.must("POST", f"people/{person}/invitation", {})["token"], "clients": entered}

    def make_older(self, days):
        self.server.stop()
        with contextlib.closing(sqlite3.connect(self.folder / "directory.db")) as database, database:
            moved = database.execute(
                "UPDATE oauth_key SET signs_from_ms = signs_from_ms - :by, made_ms = made_ms - :by, "
                "known_until_ms = known_until_ms - :by", {"by": round(days * DAY_MS)})
            if not moved.rowcount:
                raise AssertionError("there is no key")
        self.server = self.serve()

    def answer(self, verb, rest):
        match verb:
            case "place":
                return {"folder": str(self.folder), "keys": self.keys}
            case "enter":
                return self.enter(json.loads(rest))
            case "later":
                return self.make_older(float(rest))
        raise AssertionError(f"unknown: {verb}")

    def run(self):
        flows = subprocess.Popen(["node", HERE / "flows.mjs"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                                 env={**os.environ, "NODE_EXTRA_CA_CERTS": str(self.folder / "ca.pem")})
        for line in flows.stdout:
            if line.startswith("@"):
                verb, _, rest = line[1:].strip().partition(" ")
                answer = self.answer(verb, rest)
                flows.stdin.write(json.dumps(answer) + "\n")
                flows.stdin.flush()
            else:
                print(line, end="", flush=True)
        return flows.wait(LIMIT_S)


def main():
    began = time.monotonic()
    with tempfile.TemporaryDirectory() as kept:
        driver = Driver(pathlib.Path(kept))
        try:
            status = driver.run()
        finally:
            driver.server.stop()
    print(f"in {time.monotonic() - began:.1f} s")
    return status


if __name__ == "__main__":
    sys.exit(main())
