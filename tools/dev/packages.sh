# shellcheck shell=bash
# Installs what a verb needs, from the list in tools/packages.txt.

# The packages (column 2) or commands (column 3) of some groups.
listed() {
  local column=$1
  shift
  awk -v column="$column" -v groups=" $* " \
    '!/^#/ && NF && index(groups, " " $1 " ") && $column != "-" { print $column }' tools/packages.txt
}

is_debian_12() {
  # shellcheck source=/dev/null
  (source /etc/os-release 2>/dev/null && [[ ${ID-} == debian && ${VERSION_ID-} == 12 ]])
}

# A Node that is already there is used as it is, wherever it came from.
has_node() {
  command -v npm >/dev/null && command -v node >/dev/null &&
    node -e 'process.exit(process.versions.node.split(".")[0] >= 18 ? 0 : 1)'
}

as_root() {
  if ((EUID == 0)); then "$@"; else sudo "$@"; fi
}

install_packages() {
  if ((EUID != 0)) && ! command -v sudo >/dev/null; then
    die "these packages are missing: $*; there is no sudo here, so install them as root"
  fi
  local apt=(env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300)
  echo "installing $*"
  as_root "${apt[@]}" update
  as_root "${apt[@]}" install --no-install-recommends -y "$@" >/dev/null
}

# On any other system nothing is installed: we say what is missing and leave the choice of packages
# to whoever knows it. Libraries that are missing are found out by CMake.
require_commands() {
  local command missing=()
  for command in $(listed 3 "$@"); do
    command -v "$command" >/dev/null || missing+=("$command")
  done
  ((${#missing[@]} == 0)) || die "only Debian 12 is supported, and this system lacks these \
commands: ${missing[*]}; see tools/packages.txt"
  # Said once, not again by the verbs that this one calls.
  [[ -n ${WARDLOCK_SYSTEM_NOTED-} ]] ||
    echo 'dev: only Debian 12 is supported; going on with the tools that are here' >&2
  export WARDLOCK_SYSTEM_NOTED=1
}

# need GROUP…: makes sure that the packages of these groups are there.
need() {
  local groups=("$@")
  if [[ " $* " == *' node '* ]] && has_node; then groups=("${groups[@]/#node/}"); fi
  if ! is_debian_12; then
    require_commands "${groups[@]}"
    return
  fi
  local wanted installed missing
  wanted=$(listed 2 "${groups[@]}" | sort)
  [[ -n $wanted ]] || return 0
  # shellcheck disable=SC2086,SC2016
  installed=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' $wanted 2>/dev/null |
    sed -n 's/^installed //p' | sort -u) || true
  missing=$(comm -23 <(echo "$wanted") <(echo "$installed"))
  # shellcheck disable=SC2086
  [[ -z $missing ]] || install_packages $missing
}
