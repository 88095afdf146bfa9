# usage: ./dev conformance cedar [DIR] | cedar-wasm [ARGUMENTS…]
# compares our answers with those of others: corpora, reference implementations
#
#   cedar       the reference implementation's test corpus: an unpacked DIR, or else
#               $WARDLOCK_CONFORMANCE/cedar/cedar-dev.tar.xz (default: ../shared/conformance);
#               skipped where that is absent
#   cedar-wasm  generated cases, decided by our engine and by npm @cedar-policy/cedar-wasm
# shellcheck shell=bash

# Sets `corpus` to the unpacked corpus; unpacks again only when the archive is newer.
unpack_corpus() {
  local archive=$1
  corpus=build/conformance/$(basename "$archive" .tar.xz)
  if [[ ! -d $corpus || $archive -nt $corpus ]]; then
    need corpus
    rm -rf "$corpus" "$corpus.partial"
    mkdir -p "$corpus.partial"
    tar -xJf "$archive" -C "$corpus.partial"
    touch "$corpus.partial"
    mv "$corpus.partial" "$corpus"
  fi
}

conform_cedar() {
  local program corpus archive=${WARDLOCK_CONFORMANCE:-../shared/conformance}/cedar/cedar-dev.tar.xz
  if (($# > 0)); then
    corpus=$(cd "${caller_dir:?}" && realpath -qe -- "$1") || usage_error "there is no folder \`$1\`"
    shift
    no_arguments "$@"
  elif [[ -f $archive ]]; then
    unpack_corpus "$archive"
  else
    echo "skipped: there is no $archive; WARDLOCK_CONFORMANCE names the folder that holds cedar/"
    return
  fi
  ./dev build release wardlock_cedar_corpus
  program=$(program_path wardlock_cedar_corpus)
  "$program" "$corpus"
}

conform_cedar_wasm() {
  local lock=conformance/cedar-wasm/package-lock.json
  local installed=conformance/cedar-wasm/node_modules/.package-lock.json
  need node
  ./dev build release
  [[ $installed -nt $lock ]] || npm ci --prefix conformance/cedar-wasm --no-audit --no-fund
  node conformance/cedar-wasm/fuzz.mjs "$@"
}

peer=${1-}
shift || true
case $peer in
  cedar) conform_cedar "$@" ;;
  cedar-wasm) conform_cedar_wasm "$@" ;;
  *) usage_error "\`$peer\` is none of: cedar, cedar-wasm; see ./dev conformance --help" ;;
esac
