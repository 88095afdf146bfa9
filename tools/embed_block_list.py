#!/usr/bin/env python3
"""Makes zxcvbn's list of common passwords a C++ constant: small letters, sorted, a line each.

usage: embed_block_list.py FREQUENCY_LISTS.py OUTPUT.cc

FREQUENCY_LISTS.py is Debian's, of python3-zxcvbn. Passwords that are too short to be taken anyway
are left out.
"""
import importlib.util
import pathlib
import sys

# A string literal must not be longer than C++ promises for one (65,536 characters).
PIECE = 16_000
MIN_LENGTH = 8


def read_passwords(path):
    spec = importlib.util.spec_from_file_location("frequency_lists", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.FREQUENCY_LISTS["passwords"]


def to_lines(passwords):
    long_enough = {p.lower() for p in passwords if len(p) >= MIN_LENGTH and p.isprintable()}
    return "".join(f"{p}\n" for p in sorted(long_enough, key=str.encode))


def to_source(lines):
    pieces = "\n".join(f'    R"list({lines[i:i + PIECE]})list"' for i in range(0, len(lines), PIECE))
    return ('#include "authn/password/block_list.h"\n\nnamespace wardlock::authn {\n\n'
            "const BlockList& common_passwords() {\n"
            f"  static const BlockList list = BlockList::over(\n{pieces});\n"
            "  return list;\n}\n\n}  // namespace wardlock::authn\n")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    pathlib.Path(sys.argv[2]).write_text(to_source(to_lines(read_passwords(sys.argv[1]))))


if __name__ == "__main__":
    main()
