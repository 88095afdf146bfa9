#!/usr/bin/env python3
"""Writes the tables of kinds and fields into docs/formats/messages.md, as the built program
`message_reference` prints them.

usage: message_reference.py
"""
import os
import subprocess

from generated_part import GeneratedPart
from house_files import ROOT

PART = GeneratedPart("tables", "tools/message_reference.py; run ./dev docs")
DOCUMENT = ROOT / "docs" / "formats" / "messages.md"
PROGRAM = (os.environ.get("WARDLOCK_MESSAGE_REFERENCE") or
           ROOT / "build" / "release" / "tools" / "message_reference")


if __name__ == "__main__":
    tables = subprocess.run([PROGRAM], check=True, text=True, capture_output=True).stdout
    PART.replace(DOCUMENT, tables.rstrip("\n"))
