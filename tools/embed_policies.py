#!/usr/bin/env python3
"""Makes a folder of policies and their schema a C++ constant, to be decided by without any file.

usage: embed_policies.py FOLDER OUTPUT.cc
"""
import pathlib
import sys

# A string literal must not be longer than C++ promises for one (65,536 characters).
PIECE = 16_000


def to_literal(text):
    pieces = [text[i:i + PIECE] for i in range(0, len(text), PIECE)]
    return "\n".join(f'R"policy({piece})policy"' for piece in pieces)


def to_source(folder):
    rows = []
    for path in sorted(folder.iterdir()):
        if path.suffix in (".cedar", ".cedarschema"):
            rows.append(f'    {{"{folder.name}/{path.name}", {to_literal(path.read_text())}}},\n')
    return ('#include "administration/own_policies.h"\n\n#include <array>\n\n'
            "namespace wardlock::administration {\nnamespace {\n\n"
            f"constexpr std::array<PolicyFile, {len(rows)}> kFiles = {{{{\n{''.join(rows)}}}}};\n\n"
            "}  // namespace\n\nstd::span<const PolicyFile> own_policy_files() { return kFiles; }\n\n"
            "}  // namespace wardlock::administration\n")


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, output = map(pathlib.Path, sys.argv[1:])
    output.write_text(to_source(folder))


if __name__ == "__main__":
    main()
