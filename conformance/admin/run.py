#!/usr/bin/env python3
"""Has schemathesis ask all that /openapi.json describes of the administration, with every check.

usage: run.py [ARGUMENT…]

A real `wardlock serve` is started, with a directory of its own, and asked by its first administrator; WARDLOCK names
the program. ARGUMENTs go to `schemathesis run`, such as `--max-examples 500` or `--seed 7`. Exits 1 if a check
fails.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parents[1] / "src" / "cli"))
from directory_site import Administrator, DirectorySite  # noqa: E402
from serving import Serve  # noqa: E402

DIRECTORY = [
    {"kind": "organisation", "attributes": {"code": "meridian", "displayName": "Meridian",
                                            "organisationType": "manufacturer"}},
    {"kind": "location", "attributes": {"code": "icu", "displayName": "ICU", "locationType": "ward",
                                        "organisation": "meridian"}},
    {"kind": "deviceModel", "attributes": {"manufacturer": "meridian", "modelNumber": "MX-4",
                                           "displayName": "MX-4"}},
    {"kind": "module", "attributes": {"manufacturer": "meridian", "displayName": "Dose"}},
    {"kind": "moduleVersion", "attributes": {"module": "meridian/Dose", "version": "2.1"}},
    {"kind": "device", "attributes": {"model": "meridian/MX-4", "serialNumber": "SN-1", "assetTag": "A-17"}},
    {"relation": "runs", "subject": "device:A-17", "object": "moduleVersion:meridian/Dose/2.1"},
    {"kind": "person", "attributes": {"userName": "grey"}},
    {"kind": "role", "attributes": {"displayName": "Nurse"}},
]


def own_part(whole):
    """What is described of the administration."""
    paths = {path: item for path, item in whole["paths"].items() if path.startswith("/admin/v1/")}
    return {**whole, "paths": paths}


def main():
    with tempfile.TemporaryDirectory() as folder:
        site = DirectorySite(folder)
        site.config["administration"] = {"quota": {"rate": 100_000, "burst": 1_000_000}}  # it hurries
        with Serve(site) as server:
            token = site.first[""]
            Administrator(server, token).must("POST", "import", {"entries": DIRECTORY})
            schema = pathlib.Path(folder) / "openapi.json"
            schema.write_text(json.dumps(own_part(json.loads(server.request("GET", "/openapi.json")[2]))))
            done = subprocess.run(
                [pathlib.Path(sys.executable).with_name("schemathesis"), "--config-file",
                 HERE / "schemathesis.toml", "run", schema, "--url", server.urls[0], *sys.argv[1:]],
                check=False, cwd=folder, env={**os.environ, "WARDLOCK_TOKEN": token})
            # Where it put an end to what it asks with, the rest was asked in vain.
            if Administrator(server, token).status("GET", "whoami") != 200:
                print("the administrator's token was revoked on the way")
                return 1
            return done.returncode


if __name__ == "__main__":
    sys.exit(main())
