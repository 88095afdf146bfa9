#!/usr/bin/env python3
"""Makes the files of folders C++ constants: templates, words, a style sheet.

usage: embed_pages.py FOLDER… OUTPUT.cc
"""
import pathlib
import sys

# A string literal must not be longer than C++ promises for one (65,536 characters).
PIECE = 16_000


def to_literal(text):
    pieces = [text[i:i + PIECE] for i in range(0, len(text), PIECE)]
    return "\n".join(f'R"page({piece})page"' for piece in pieces)


def to_source(folders):
    paths = sorted(path for folder in folders for path in folder.iterdir() if path.is_file())
    rows = "".join(f'    {{"{path.name}", {to_literal(path.read_text())}}},\n' for path in paths)
    return ('#include "api/account/page_files.h"\n\n#include <array>\n\n'
            "namespace wardlock::account {\nnamespace {\n\n"
            f"constexpr std::array<PageFile, {len(paths)}> kFiles = {{{{\n{rows}}}}};\n\n"
            "}  // namespace\n\nstd::span<const PageFile> page_files() { return kFiles; }\n\n"
            "}  // namespace wardlock::account\n")


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    *folders, output = map(pathlib.Path, sys.argv[1:])
    output.write_text(to_source(folders))


if __name__ == "__main__":
    main()
