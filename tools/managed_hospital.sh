#!/usr/bin/env bash
# usage: tools/managed_hospital.sh WARDLOCK FOLDER PORT
# starts the hospital on a server that keeps its policies, made anew in FOLDER; for ./dev run --managed
#
# Run from the repository's root. Its directory has the hospital's people, and of those three can sign
# in and change policies: dr-okafor, who writes, and security-ivers and privacy-dunn, who approve. In
# FOLDER is for each a NAME.sh, to be sourced by a terminal that is theirs, and a NAME.code, with which
# they enrol. The server ends with this script.
set -euo pipefail

wardlock=$(realpath "$1")
folder=$2
port=$3
policies=$PWD/policies/hospital
address=127.0.0.1:$port
server=http://localhost:$port

rm -rf "$folder"
mkdir -p "$folder"
cd "$folder"
folder=$PWD
umask 077 # what is in it administers the directory, and signs policies

openssl genpkey -algorithm ed25519 -out signer.pem
"$wardlock" token new --json >ward-app.json
field() { sed -n "s/^ *\"$1\": \"\([^\"]*\)\".*/\1/p" "$2"; }
field token ward-app.json >ward-app.token
cat >wardlock.yaml <<YAML
listeners: [{address: "$address"}]
policies:
  managed: {key: {file: signer.pem}, initial: "$policies"}
entities: "$policies/records.json"
directory: {database: "sqlite:directory.db"}
audit: {directory: audit, immutable: false}
authentication: {otherwise: office}
callers:
  - id: ward-app
    tokens: ["$(field hash ward-app.json)"]
    scope: {types: ["*"], actions: ["*"], attributes: ["*"]}
    rights: [explain]
YAML

# What the tutorial asks, for `curl -K`.
cat >nurse-lee-reads.curl <<CURL
url = "http://$address/access/v1/evaluation"
header = "Authorization: Bearer $(cat ward-app.token)"
header = "Content-Type: application/json"
data = "{\"subject\":{\"type\":\"User\",\"id\":\"nurse-lee\"},\"action\":{\"name\":\"view\"},\"resource\":{\"type\":\"LabReport\",\"id\":\"lab-100-1\"}}"
write-out = "\n"
CURL

"$wardlock" init --config wardlock.yaml --user admin-hale --json >administrator.json
field token administrator.json >administrator.token
"$wardlock" import "$policies/directory.json" --yes --directory sqlite:directory.db \
  --reason 'the hospital of the example' >/dev/null

"$wardlock" serve --config wardlock.yaml >server.out 2>server.log &
serving=$!
trap 'kill "$serving" 2>/dev/null || true; wait "$serving" || true' EXIT
trap 'exit 0' INT TERM
until curl -sf -o /dev/null --max-time 2 "http://$address/healthz"; do
  if ! kill -0 "$serving" 2>/dev/null; then
    cat server.out server.log >&2
    exit 1
  fi
  sleep 0.1
done

# invite NAME ROLE: gives somebody of the hospital a role, a code to enrol with, and a terminal of
# their own.
invite() {
  local as_hale=(--server "$server" --token-file administrator.token --reason 'the tutorial')
  "$wardlock" assign "$1" "Wardlock::$2" "${as_hale[@]}" >/dev/null
  "$wardlock" user enrol "$1" --token-to "$1.code" "${as_hale[@]}" >/dev/null
  cat >"$1.sh" <<SHELL
export WARDLOCK_SERVER=$server XDG_CONFIG_HOME='$folder/$1'
export PATH='$(dirname "$wardlock")':\$PATH PS1='$1$ '
SHELL
}
invite dr-okafor PolicyAuthor
invite security-ivers PolicyApprover
invite privacy-dunn PolicyApprover

cat <<TEXT

Wardlock keeps the hospital's policies on $server. Go on with docs/tutorial.md.

  A terminal for each of the three:        They enrol at $server/account/enrol with:
TEXT
for name in dr-okafor security-ivers privacy-dunn; do
  printf '  %-40s %s\n' ". $2/$name.sh" "$(cat "$name.code")"
done
printf '\nCtrl-C stops it.\n'
wait "$serving"
