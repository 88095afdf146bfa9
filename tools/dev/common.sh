# shellcheck shell=bash
# What several verbs of ./dev need.

source tools/dev/packages.sh

die() {
  printf 'dev: %s\n' "$1" >&2
  exit 1
}

# For a command line that makes no sense; everything else that fails exits with 1.
usage_error() {
  printf 'dev: %s\n' "$1" >&2
  exit 2
}

no_arguments() {
  (($# == 0)) || usage_error "unexpected argument \`$1\`; see ./dev ${verb:?} --help"
}

# step NAME COMMAND…: runs the command under a heading and remembers whether it failed, so that one
# failure does not hide the next. `finish_steps` says how all of them went.
steps=()
failed_steps=0
step() {
  local name=$1 begin=$SECONDS outcome=ok
  shift
  printf '\n== %s\n' "$name"
  if ! "$@"; then
    outcome=FAILED
    failed_steps=$((failed_steps + 1))
  fi
  steps+=("$(printf '%-6s %4ds  %s' "$outcome" $((SECONDS - begin)) "$name")")
}

finish_steps() {
  printf '\n'
  printf '%s\n' "${steps[@]}"
  ((failed_steps == 0)) || die "$failed_steps of ${#steps[@]} steps failed; what they said is above"
}

# The path of a program of the release build.
program_path() {
  local path
  path=$(find build/release -type f -name "$1" -perm -u+x -print -quit)
  [[ -n $path ]] || die "the build made no program \`$1\`"
  echo "$path"
}

# find_corpus NAME [DIR]: sets `corpus` to DIR, or else to the unpacked archive NAME.tar.xz, which is
# unpacked again only when it is newer. Where there is neither, says so and fails.
find_corpus() {
  local archive=${WARDLOCK_CONFORMANCE:-../shared/conformance}/cedar/$1.tar.xz
  if (($# > 1)); then
    corpus=$(cd "${caller_dir:?}" && realpath -qe -- "$2") || usage_error "there is no folder \`$2\`"
    return
  fi
  if [[ ! -f $archive ]]; then
    echo "skipped: there is no $archive; WARDLOCK_CONFORMANCE names the folder that holds cedar/"
    return 1
  fi
  corpus=build/conformance/$1
  if [[ ! -d $corpus || $archive -nt $corpus ]]; then
    need corpus
    rm -rf "$corpus" "$corpus.partial"
    mkdir -p "$corpus.partial"
    tar -xJf "$archive" -C "$corpus.partial"
    touch "$corpus.partial"
    mv "$corpus.partial" "$corpus"
  fi
}

# install_npm FOLDER: installs what its package-lock.json names unless it is there.
install_npm() {
  need node
  [[ $1/node_modules/.package-lock.json -nt $1/package-lock.json ]] ||
    npm ci --prefix "$1" --no-audit --no-fund
}

# Installs the reference implementation's npm package unless it is there.
install_cedar_wasm() {
  install_npm conformance/cedar-wasm
}
