#!/usr/bin/env python3
"""Makes the files of folders C++ constants: templates, words, a style sheet.

usage: embed_pages.py [--words] FOLDER… OUTPUT.cc

For the pages of api/account; with --words for the words of letter.
"""
import pathlib
import sys

# A string literal must not be longer than C++ promises for one (65,536 characters).
PIECE = 16_000


def to_literal(text):
    pieces = [text[i:i + PIECE] for i in range(0, len(text), PIECE)]
    return "\n".join(f'R"page({piece})page"' for piece in pieces)


def to_source(folders, room, what):
    paths = sorted(path for folder in folders for path in folder.iterdir() if path.is_file())
    rows = "".join(f'    {{"{path.name}", {to_literal(path.read_text())}}},\n' for path in paths)
    namespace = room.rsplit("/", 1)[-1]
    return (f'#include "{room}/{what}_files.h"\n\n#include <array>\n\n'
            f"namespace wardlock::{namespace} {{\nnamespace {{\n\n"
            f"constexpr std::array<{what.title()}File, {len(paths)}> kFiles = {{{{\n{rows}}}}};\n\n"
            f"}}  // namespace\n\nstd::span<const {what.title()}File> {what}_files() {{ return kFiles; }}\n\n"
            f"}}  // namespace wardlock::{namespace}\n")


def main():
    given, room, what = sys.argv[1:], "api/account", "page"
    if given[:1] == ["--words"]:
        given, room, what = given[1:], "letter", "word"
    if len(given) < 2:
        sys.exit(__doc__)
    *folders, output = map(pathlib.Path, given)
    output.write_text(to_source(folders, room, what))


if __name__ == "__main__":
    main()
