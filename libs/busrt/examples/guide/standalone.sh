#!/usr/bin/env bash
# The commands of docs/guides/integration.md, run: standalone.sh DIRECTORY (of busrtd and busrt)
# What stands between the marks `# [NAME]` and `# [/NAME]` is the guide's text; scripts/check_guide holds the two equal.
set -euo pipefail

PATH="${1:?usage: standalone.sh DIRECTORY}:$PATH"
run="$(mktemp -d)"
finish() {
  [[ ! -s "$run/busrtd.pid" ]] || kill "$(cat "$run/busrtd.pid")" || true
  rm -rf "$run"
}
trap finish EXIT
cd "$run"

# [standalone]
busrtd -B "$run/bus.sock" --pid-file "$run/busrtd.pid" -D  # returns once the broker listens; logs to syslog
busrt "$run/bus.sock" publish news/today hello
busrt "$run/bus.sock" broker client.list
# [/standalone]
busrt "$run/bus.sock" broker test | grep '"ok": true' >/dev/null
kill "$(cat "$run/busrtd.pid")"
for ((tries = 0; tries < 600; ++tries)); do
  [[ -e "$run/busrtd.pid" ]] || break
  sleep 0.1
done
[[ ! -e "$run/busrtd.pid" ]]

port="$(python3 -c 'import socket; s = socket.socket(); s.bind(("localhost", 0)); print(s.getsockname()[1])')"

# [certificates]
openssl req -x509 -newkey ed25519 -nodes -days 365 -subj "/CN=bus authority" -keyout ca.key -out ca.pem
issue() { # NAME [EXTENSION]: NAME.pem and NAME.key
  openssl req -newkey ed25519 -nodes -subj "/CN=$1" ${2:+-addext "$2"} -keyout "$1.key" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA ca.pem -CAkey ca.key -days 90 -copy_extensions copy -out "$1.pem"
}
issue broker "subjectAltName=DNS:localhost"
issue app
# [/certificates]
# [tls]
busrtd -B "tcp://localhost:$port" --cert broker.pem --key broker.key --ca ca.pem --pid-file "$run/busrtd.pid" -D
busrt "tcp://localhost:$port" --ca ca.pem --cert app.pem --key app.key publish news/today hello
# [/tls]
