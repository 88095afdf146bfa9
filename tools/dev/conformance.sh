# usage: ./dev conformance cedar [DIR] | cedar-wasm [ARGUMENTS…]
# compares our answers with those of others: corpora, reference implementations
#
#   cedar       the reference implementation's test corpus: an unpacked DIR, or else
#               $WARDLOCK_CONFORMANCE/cedar/cedar-dev.tar.xz (default: ../shared/conformance);
#               skipped where that is absent
#   cedar-wasm  generated cases, decided by our engine and by npm @cedar-policy/cedar-wasm
# shellcheck shell=bash

conform_cedar() {
  local program corpus
  (($# < 2)) || no_arguments "${@:2}"
  find_corpus cedar-dev "$@" || return 0
  ./dev build release wardlock_cedar_corpus
  program=$(program_path wardlock_cedar_corpus)
  "$program" "$corpus"
}

conform_cedar_wasm() {
  install_cedar_wasm
  ./dev build release wardlock_oracle_peer
  node conformance/cedar-wasm/fuzz.mjs "$@"
}

peer=${1-}
shift || true
case $peer in
  cedar) conform_cedar "$@" ;;
  cedar-wasm) conform_cedar_wasm "$@" ;;
  *) usage_error "\`$peer\` is none of: cedar, cedar-wasm; see ./dev conformance --help" ;;
esac
