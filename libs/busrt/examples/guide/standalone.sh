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
stop() {
  kill "$(cat "$run/busrtd.pid")"
  for ((tries = 0; tries < 600; ++tries)); do
    [[ -e "$run/busrtd.pid" ]] || return 0
    sleep 0.1
  done
  return 1
}
cd "$run"

# [standalone]
busrtd -B "$run/bus.sock" --pid-file "$run/busrtd.pid" -D  # returns once the broker listens; logs to syslog
busrt "$run/bus.sock" publish news/today hello
busrt "$run/bus.sock" broker client.list
# [/standalone]
busrt "$run/bus.sock" broker test | grep '"ok": true' >/dev/null
stop

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
busrt "tcp://localhost:$port" --ca ca.pem --cert app.pem --key app.key broker test >/dev/null
stop
# [revocations]
cat >ca.cnf <<'END'
[ca]
default_ca = bus
[bus]
database = index.txt
crlnumber = crlnumber
default_md = default
default_crl_days = 30
END
touch index.txt && echo 01 >crlnumber
authority() { openssl ca -config ca.cnf -keyfile ca.key -cert ca.pem "$@"; }
authority -gencrl -out ca.crl
busrtd -B "tcp://localhost:$port" --cert broker.pem --key broker.key --ca ca.pem --crl ca.crl --pid-file "$run/busrtd.pid" -D

authority -revoke app.pem && authority -gencrl -out ca.crl
kill -HUP "$(cat "$run/busrtd.pid")"  # closes the connection of app, and refuses a new one
# [/revocations]
refused=0
for ((tries = 0; tries < 100; ++tries)); do
  busrt "tcp://localhost:$port" --ca ca.pem --cert app.pem --key app.key broker test 2>answer >/dev/null || refused=1
  ((refused)) && break
  sleep 0.1
done
grep "certificate has been revoked" answer >/dev/null
