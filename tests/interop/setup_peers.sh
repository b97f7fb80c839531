#!/usr/bin/env bash
# Installs the reference BUS/RT programs (Rust) and the Python and JavaScript clients that the interop tests talk to,
# into a cache directory: daemoneye-peers under $XDG_CACHE_HOME or ~/.cache, or the directory given as the only
# argument. A second run changes nothing. Building the Rust programs takes minutes.
set -euo pipefail

busrt_version=0.5.6

root="${1:-${XDG_CACHE_HOME:-$HOME/.cache}/daemoneye-peers}"
mkdir -p "$root"

# needs WHO PROGRAM...: false, saying so, where a program is missing.
needs() {
  local who="$1" program
  for program in "${@:2}"; do
    command -v "$program" >/dev/null || {
      echo "$who: $program is not installed (scripts/setup --ci installs it)" >&2
      return 1
    }
  done
}

install_programs() {
  if [[ -x "$root/bin/busrtd" && -x "$root/bin/busrt" ]] &&
    [[ "$("$root/bin/busrt" --version)" == *"$busrt_version"* ]]; then
    echo "programs: already there"
    return
  fi
  needs programs cargo || return
  echo "programs: building busrt $busrt_version"
  CARGO_BUILD_JOBS="${CARGO_BUILD_JOBS:-1}" CARGO_TARGET_DIR="$root/target" nice -n 10 \
    cargo install busrt --version "$busrt_version" --features server,cli --root "$root" --force --quiet
  rm -rf "$root/target"
}

install_python() {
  local python="$root/venv/bin/python"
  if [[ -x "$python" ]] && "$python" -c 'import busrt, busrt_async, msgpack' 2>/dev/null; then
    echo "python clients: already there"
    return
  fi
  echo "python clients: installing"
  python3 -m venv "$root/venv"
  "$python" -m pip install --quiet --disable-pip-version-check busrt busrt-async msgpack
}

# Prints where the crate's sources are, once its registry has brought them.
crate_sources() {
  local manifest="$1/Cargo.toml"
  mkdir -p "$1/src"
  : >"$1/src/lib.rs"
  cat >"$manifest" <<END
[package]
name = "peers"
version = "0.0.0"
edition = "2021"
[dependencies]
busrt = { version = "=$busrt_version", default-features = false }
END
  cargo metadata --quiet --format-version 1 --manifest-path "$manifest" | python3 -c '
import json, os, sys
packages = json.load(sys.stdin)["packages"]
print(*(os.path.dirname(one["manifest_path"]) for one in packages if one["name"] == "busrt"))'
}

# The JavaScript client lies in the crate as the sources of its npm package, of the broker's own release. That package
# is built, packed and installed here as its authors do it.
install_javascript() {
  local home="$root/javascript" build="$root/javascript.build" sources
  local npm_quiet=(--ignore-scripts --no-audit --no-fund --loglevel=error)
  if [[ "$(cat "$home/busrt-version" 2>/dev/null)" == "$busrt_version" ]]; then
    echo "javascript client: already there"
    return
  fi
  needs "javascript client" node npm cargo || return
  echo "javascript client: building"
  rm -rf "$home" "$build"
  mkdir -p "$home" "$build/client"
  sources="$(crate_sources "$build/crate")" || return
  cp -r "$sources/bindings/js/busrt/." "$build/client" || return
  (
    cd "$build/client"
    npm install "${npm_quiet[@]}" --no-save vite@5 >/dev/null &&
      npx --no-install vite build --logLevel error &&
      npm pack --silent --pack-destination "$build" >/dev/null
  ) || return
  npm install "${npm_quiet[@]}" --prefix "$home" "$build"/busrt-*.tgz msgpackr@1 >/dev/null || return
  (cd "$home" && node -e 'require("busrt").Bus && require("msgpackr")') || return
  rm -rf "$build"
  echo "$busrt_version" >"$home/busrt-version"
}

failed=0
install_python || failed=1
install_javascript || failed=1
install_programs || failed=1
exit "$failed"
