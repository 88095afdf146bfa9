# usage: ./dev run [--managed] [--port N]
# builds and starts a decision point with the hospital's policies and directory, on loopback
#
# It listens on 127.0.0.1, port 8180 or N, until Ctrl-C. Once it answers, the questions to paste
# into another terminal are printed; they are in policies/hospital/questions.txt.
# --managed starts a server that keeps the policies, and three people who can change them:
# docs/tutorial.md.
# shellcheck shell=bash

port=8180
is_managed=false
while (($# > 0)); do
  case $1 in
    --managed) is_managed=true ;;
    --port)
      if ! [[ ${2-} =~ ^[1-9][0-9]{0,4}$ ]] || (($2 > 65535)); then
        usage_error "\`--port\` needs a number from 1 to 65535, not \`${2-}\`"
      fi
      port=$2
      shift
      ;;
    *) no_arguments "$@" ;;
  esac
  shift
done

address=127.0.0.1:$port
policies=policies/hospital

# Each question is a line `# title` and a line with the request's JSON.
print_questions() {
  local line quote="'" escaped="'\\''"
  printf '\nWardlock answers on http://%s. Ask it, from another terminal:\n' "$address"
  while IFS= read -r line; do
    case $line in
      '') ;;
      '#'*) printf '\n%s\n' "$line" ;;
      *)
        printf "curl -s http://%s/access/v1/evaluation -H 'Content-Type: application/json' -d '%s'; echo\n" \
          "$address" "${line//$quote/$escaped}"
        ;;
    esac
  done <"$policies/questions.txt"
  printf '\nTake a role from Dr. Grey, and ask the first question again:\n'
  printf '%s import %s --yes --directory sqlite:%s\n' \
    build/release/bin/wardlock "$policies/without-a-role.json" build/hospital/directory.db
  printf '\nThe token in build/hospital/administrator.json administers the directory for a day.\n'
  printf 'Ctrl-C stops it.\n\n'
}

# Waits as long as the server lives; it says itself why it could not start.
announce() {
  until curl -sf -o /dev/null --max-time 2 "http://$address/healthz"; do
    kill -0 "$1" 2>/dev/null || return 0
    sleep 0.1
  done
  print_questions
}

if (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
  again='./dev run'
  [[ $is_managed == false ]] || again+=' --managed'
  die "port $port is taken by another program; try $again --port $((port < 65535 ? port + 1 : 8180))"
fi
need build run
./dev build release wardlock

# The hospital lives in a directory, made anew each time: what is tried out stays until then.
folder=build/hospital
wardlock=build/release/bin/wardlock
if [[ $is_managed == true ]]; then
  exec tools/managed_hospital.sh "$wardlock" "$folder" "$port"
fi
rm -rf "$folder"
mkdir -p "$folder"
printf '{"listeners": [{"address": "%s"}], "policies": "%s", "directory": {"database": "sqlite:directory.db"}}\n' \
  "$address" "$PWD/$policies" >"$folder/wardlock.yaml"
(
  umask 077 # what is in it administers the directory
  "$wardlock" init --config "$folder/wardlock.yaml" --user admin-hale --json >"$folder/administrator.json"
)
"$wardlock" import "$policies/directory.json" --yes --directory "sqlite:$folder/directory.db" \
  --reason 'the hospital of the example' >/dev/null
announce $$ &
exec "$wardlock" pdp --policies "$policies" --entities "$policies/records.json" \
  --directory "sqlite:$folder/directory.db" --listen "$address"
