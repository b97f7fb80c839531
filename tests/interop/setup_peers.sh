#!/usr/bin/env bash
# Installs the reference BUS/RT programs (Rust) and Python clients that the interop tests talk to, into a cache
# directory: daemoneye-peers under $XDG_CACHE_HOME or ~/.cache, or the directory given as the only argument.
# A second run changes nothing. Building the Rust programs takes minutes.
set -euo pipefail

busrt_version=0.5.6

root="${1:-${XDG_CACHE_HOME:-$HOME/.cache}/daemoneye-peers}"
mkdir -p "$root"

install_programs() {
  if [[ -x "$root/bin/busrtd" && -x "$root/bin/busrt" ]] &&
    [[ "$("$root/bin/busrt" --version)" == *"$busrt_version"* ]]; then
    echo "programs: already there"
    return
  fi
  command -v cargo >/dev/null || {
    echo "programs: cargo is not installed; they need a Rust toolchain" >&2
    return 1
  }
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

failed=0
install_python || failed=1
install_programs || failed=1
exit "$failed"
