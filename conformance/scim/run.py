#!/usr/bin/env python3
"""Has scim2-tester try SCIM of a server, and compares what it finds with what is explained.

usage: run.py URL

URL is that of SCIM, such as https://host/scim/v2; WARDLOCK_TOKEN the credential, where it needs one.
Prints each failure that explained.py does not explain; exits 1 if there is one, or if something
explained does not happen any more.
"""
import os
import re
import sys

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


def main():
    if len(sys.argv) != 2 or sys.argv[1] in ("-h", "--help"):
        sys.exit(__doc__)
    met, failed, passed = set(), 0, 0
    for result in check(sys.argv[1], os.environ.get("WARDLOCK_TOKEN")):
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
