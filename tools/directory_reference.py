#!/usr/bin/env python3
"""Writes the tables of the kinds of things, their attributes and relations into
docs/formats/directory.md, and that of findings into docs/lifecycle.md, as the built program
`directory_reference` prints them.

usage: directory_reference.py
"""
import os
import subprocess

from generated_part import GeneratedPart
from house_files import ROOT

SOURCE = "tools/directory_reference.py; run ./dev docs"
PROGRAM = (os.environ.get("WARDLOCK_DIRECTORY_REFERENCE") or
           ROOT / "build" / "release" / "tools" / "directory_reference")


def write(name, document, *arguments):
    printed = subprocess.run([PROGRAM, *arguments], check=True, text=True, capture_output=True).stdout
    GeneratedPart(name, SOURCE).replace(ROOT / "docs" / document, printed.rstrip("\n"))


if __name__ == "__main__":
    write("kinds", "formats/directory.md")
    write("findings", "lifecycle.md", "findings")
