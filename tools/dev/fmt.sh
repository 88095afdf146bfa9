# usage: ./dev fmt
# formats all C++ files in place with clang-format-19
#
# The style is in .clang-format; ./dev lint fails on a file that is not formatted.
# shellcheck shell=bash

no_arguments "$@"
need python format
python3 tools/house_files.py .cc .h | xargs -r clang-format-19 -i
