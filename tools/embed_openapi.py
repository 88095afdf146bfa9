#!/usr/bin/env python3
"""Makes the openapi.json of a room of src/api a C++ constant, `kOpenApi`: compact, and of the program's version.

usage: embed_openapi.py openapi.json VERSION OUTPUT.cc [HEADER NAMESPACE]

Without header and namespace they are those of api/authzen.
"""
import json
import pathlib
import sys

# A string literal must not be longer than C++ promises for one (65,536 characters).
PIECE = 16_000


def to_source(document, version, header, namespace):
    document["info"]["version"] = version
    text = json.dumps(document, separators=(",", ":"))
    pieces = [text[i:i + PIECE] for i in range(0, len(text), PIECE)]
    literals = "\n    ".join(f'R"openapi({piece})openapi"' for piece in pieces)
    return (f'#include "{header}"\n\nnamespace wardlock::{namespace} {{\n\n'
            f"const std::string_view kOpenApi =\n    {literals};\n\n}}  // namespace wardlock::{namespace}\n")


def main():
    if len(sys.argv) not in (4, 6):
        sys.exit(__doc__)
    source, version, output, *where = sys.argv[1:]
    header, namespace = where or ("api/authzen/openapi.h", "authzen")
    document = json.loads(pathlib.Path(source).read_text())
    pathlib.Path(output).write_text(to_source(document, version, header, namespace))


if __name__ == "__main__":
    main()
