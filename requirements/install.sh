#!/bin/sh
# Makes everything that Kervan's commands need, from Python 3.11+ alone: .venv with the hashed requirements, Node from
# PyPI, the CDK command from npm. Instant when nothing changed. Every failure is one line on standard error.
set -u
cd "$(dirname "$0")/.." || exit 1
stamp=.venv/.kervan-ready
log=build/setup.log

say() { printf 'kervan: %s\n' "$*" >&2; }
fail() {
    if [ -f "$log" ] && grep -q -i -E 'no space left|disk quota' "$log"; then
        say "the disk is full: free some space (about 1.5 GB are needed) and run it again"
    else
        say "$*"
    fi
    exit 1
}

usable() { # a Python of 3.11 or newer that can make an environment; pyenv shims may exist and not run
    "$1" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1
}

find_python() {
    for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python python3.14; do
        old_ifs=$IFS; IFS=:
        for folder in $PATH; do # all matches: the first may be a shim that fails
            if [ -x "$folder/$name" ] && usable "$folder/$name"; then IFS=$old_ifs; echo "$folder/$name"; return; fi
        done
        IFS=$old_ifs
        case "$name" in */*) if usable "$name"; then echo "$name"; return; fi ;; esac
    done
}

wanted=$(cat requirements/*.txt requirements/install.sh package-lock.json pyproject.toml 2>/dev/null | cksum)
if [ -x .venv/bin/python ] && [ "$(cat $stamp 2>/dev/null)" = "$wanted $PWD" ]; then exit 0; fi

mkdir -p build 2>/dev/null || fail "cannot write to $PWD: check the folder's permissions and the free space"
: 2>/dev/null >"$log" || fail "cannot write to $PWD/build: check the folder's permissions and the free space"

if ! { usable .venv/bin/python && .venv/bin/python -m pip --version; } >/dev/null 2>&1; then
    python=$(find_python)
    [ -n "$python" ] || fail "needs Python 3.11 or newer with its venv module (on Debian: apt-get install python3 python3-venv); set PYTHON=/path/to/python if it lies elsewhere"
    say "making .venv with $("$python" --version 2>&1)"
    rm -rf .venv
    "$python" -m venv .venv >>"$log" 2>&1 || fail "could not make .venv with $python: see $log"
fi
rm -f "$stamp"

say "installing Python packages (the first time takes a minute)"
awk '/^uv==/ {on = 1} on {print} on && !/\\$/ {exit}' requirements/infra.txt >build/uv.txt
.venv/bin/python -m pip install -q --retries 2 --require-hashes --no-deps -r build/uv.txt >>"$log" 2>&1 ||
    fail "could not install uv from the Python package registry: check the network or pip's settings, then see $log"
index=$(.venv/bin/python -m pip config get global.index-url 2>/dev/null) # a mirror set for pip is meant for uv too
if [ -z "${UV_DEFAULT_INDEX:-}${UV_INDEX_URL:-}" ] && [ -n "${PIP_INDEX_URL:-$index}" ]; then
    UV_DEFAULT_INDEX=${PIP_INDEX_URL:-$index}; export UV_DEFAULT_INDEX
fi
set -- --require-hashes -r requirements/runtime.txt -r requirements/infra.txt -r requirements/local.txt -r requirements/dev.txt
VIRTUAL_ENV="$PWD/.venv" .venv/bin/uv pip install -q "$@" >>"$log" 2>&1 ||
    .venv/bin/python -m pip install -q --retries 2 "$@" >>"$log" 2>&1 ||
    fail "could not install the Python packages: the registry did not answer or refused; see $log"
VIRTUAL_ENV="$PWD/.venv" .venv/bin/uv pip install -q --no-deps --no-build-isolation --editable . >>"$log" 2>&1 ||
    fail "could not install the command kervan: see $log"

say "installing the CDK command"
PATH="$PWD/.venv/bin:$PATH" npm ci --loglevel=error --no-progress >>"$log" 2>&1 ||
    fail "could not install the CDK command from the npm registry: check the network or npm's settings, then see $log"

printf '%s %s' "$wanted" "$PWD" >"$stamp" 2>/dev/null || fail "could not write $stamp: check the free space"
