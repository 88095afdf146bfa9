#!/usr/bin/env python3
"""Writes the tables of an event's fields, kinds and outcomes into docs/formats/audit-event.md, as the
built program `event_reference` prints them.

usage: event_reference.py
"""
import os
import subprocess

from generated_part import GeneratedPart
from house_files import ROOT

PART = GeneratedPart("fields", "tools/event_reference.py; run ./dev docs")
DOCUMENT = ROOT / "docs" / "formats" / "audit-event.md"
PROGRAM = (os.environ.get("WARDLOCK_EVENT_REFERENCE") or
           ROOT / "build" / "release" / "tools" / "event_reference")


if __name__ == "__main__":
    tables = subprocess.run([PROGRAM], check=True, text=True, capture_output=True).stdout
    PART.replace(DOCUMENT, tables.rstrip("\n"))
