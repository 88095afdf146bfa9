#!/usr/bin/env python3
"""Writes the table of settings into docs/configuration.md, as the built program prints it.

usage: config_reference.py
"""
import os
import subprocess

from generated_part import GeneratedPart
from house_files import ROOT

GENERATED = GeneratedPart("settings", "tools/config_reference.py; run ./dev docs")
DOCUMENT = ROOT / "docs" / "configuration.md"
WARDLOCK = os.environ.get("WARDLOCK") or ROOT / "build" / "release" / "bin" / "wardlock"


def main():
    table = subprocess.run([WARDLOCK, "config", "schema", "--reference"], check=True, text=True,
                           capture_output=True).stdout
    GENERATED.replace(DOCUMENT, table.rstrip("\n"))


if __name__ == "__main__":
    main()
