# usage: ./dev docs [--check]
# regenerates the generated parts of the documents
#
# With --check nothing is written; it fails when a document is out of date.
# shellcheck shell=bash

[[ $# == 0 || $* == --check ]] || usage_error "unexpected argument \`$1\`; see ./dev docs --help"
need python
python3 tools/floor_picture.py "$@"
