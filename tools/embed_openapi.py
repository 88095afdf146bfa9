#!/usr/bin/env python3
"""Makes the document of src/api/authzen/openapi.json a C++ constant: compact, and of the program's version.

usage: embed_openapi.py openapi.json VERSION OUTPUT.cc
"""
import json
import pathlib
import sys

# A string literal must not be longer than C++ promises for one (65,536 characters).
PIECE = 16_000


def to_source(document, version):
    document["info"]["version"] = version
    text = json.dumps(document, separators=(",", ":"))
    pieces = [text[i:i + PIECE] for i in range(0, len(text), PIECE)]
    literals = "\n    ".join(f'R"openapi({piece})openapi"' for piece in pieces)
    return ('#include "api/authzen/openapi.h"\n\nnamespace wardlock::authzen {\n\n'
            f"const std::string_view kOpenApi =\n    {literals};\n\n}}  // namespace wardlock::authzen\n")


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    source, version, output = sys.argv[1:]
    document = json.loads(pathlib.Path(source).read_text())
    pathlib.Path(output).write_text(to_source(document, version))


if __name__ == "__main__":
    main()
