#!/usr/bin/env python3
"""Has scim2-tester try SCIM of a server, and compares what it finds with what is explained.

usage: run.py [URL]

URL is that of SCIM, such as https://host/scim/v2; WARDLOCK_TOKEN the credential, where it needs one.
Without it a real `wardlock serve` is started, with a directory of its own, and asked by its first
administrator; WARDLOCK names the program.
Prints each failure that explained.py does not explain; exits 1 if there is one, or if something
explained does not happen any more.
"""
import contextlib
import os
import pathlib
import re
import sys
import tempfile

import values
from explained import EXPLAINED
from httpx2 import Client
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server


def explanation(result):
    """The one of EXPLAINED that is about the result, or none."""
    said = f"{result.title}: {result.reason or ''}"
    for one in EXPLAINED:
        kind, pattern = one[0], one[1]
        if kind in ("*", result.resource_type) and re.search(pattern, said, re.DOTALL):
            return one
    return None


def check(url, token):
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    values.use()
    with Client(base_url=url, headers=headers, timeout=60) as client:
        return check_server(SyncSCIMClient(client))


@contextlib.contextmanager
def real_server():
    """The URL of its SCIM, and a token."""
    sys.path.insert(0, str(pathlib.Path(__file__).parents[2] / "src" / "cli"))
    from directory_site import DirectorySite
    from serving import Serve
    with tempfile.TemporaryDirectory() as folder:
        site = DirectorySite(folder)
        site.config["administration"] = {"quota": {"rate": 100_000, "burst": 1_000_000}}  # it hurries
        with Serve(site) as server:
            yield server.urls[0] + "/scim/v2", site.first[""]


def main():
    if len(sys.argv) > 2 or sys.argv[1:] in (["-h"], ["--help"]):
        sys.exit(__doc__)
    if len(sys.argv) == 2:
        return report(check(sys.argv[1], os.environ.get("WARDLOCK_TOKEN")))
    with real_server() as (url, token):
        return report(check(url, token))


def report(results):
    met, failed, passed = set(), 0, 0
    for result in results:
        if result.status == Status.SUCCESS:
            passed += 1
            continue
        found = explanation(result)
        if found:
            met.add(found)
            continue
        failed += 1
        print(f"{result.status.name} {result.resource_type} {result.title}: {result.reason}")
    for one in EXPLAINED:
        if one not in met:
            failed += 1
            print(f"no more: {one[0]} {one[1]}")
    print(f"{passed} passed, {failed} failed, {len(met)} kinds of failures explained")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
