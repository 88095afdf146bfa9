# usage: ./dev lint [--minutes N]
# checks floors, sizes, names, documents, format, clang-tidy, headers, shell scripts
#
#   --minutes N  clang-tidy and headers begin no further file after N minutes, and say how many are left
#
# clang-tidy and the check that each header compiles alone remember, in ~/.cache/wardlock-lint, the files
# they found sound; only what changed since (itself or a header it includes) is checked again,
# what changed last first.
# shellcheck shell=bash

[[ $# -eq 0 || ($# -eq 2 && $1 == --minutes && $2 =~ ^[0-9]+$) ]] ||
  usage_error "unexpected arguments \`$*\`; see ./dev lint --help"
need python build format lint
cmake --preset release --log-level=WARNING >/dev/null # for its compile_commands.json

check_format() {
  python3 tools/house_files.py .cc .h | xargs -r clang-format-19 --dry-run -Werror
}
check_shell() {
  { echo dev && python3 tools/house_files.py .sh && printf '%s\n' .ci/run; } |
    xargs shellcheck --external-sources
}

step 'includes go downward' python3 tools/check_floors.py src
step 'file lengths' python3 tools/check_sizes.py
step 'one type by each name' python3 tools/check_twins.py
step 'links and references in documents' python3 tools/check_docs.py
step 'generated documents' ./dev docs --check
step 'format' check_format
step 'shell scripts' check_shell
step 'clang-tidy and self-contained headers' python3 tools/lint_cpp.py build/release "$@"
finish_steps
