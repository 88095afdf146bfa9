#!/usr/bin/env python3
"""Writes the tables of the kinds of things, their attributes and relations into
docs/formats/directory.md, as the built program `directory_reference` prints them.

usage: directory_reference.py
"""
import os
import subprocess

from generated_part import GeneratedPart
from house_files import ROOT

PART = GeneratedPart("kinds", "tools/directory_reference.py; run ./dev docs")
DOCUMENT = ROOT / "docs" / "formats" / "directory.md"
PROGRAM = (os.environ.get("WARDLOCK_DIRECTORY_REFERENCE") or
           ROOT / "build" / "release" / "tools" / "directory_reference")


if __name__ == "__main__":
    tables = subprocess.run([PROGRAM], check=True, text=True, capture_output=True).stdout
    PART.replace(DOCUMENT, tables.rstrip("\n"))
