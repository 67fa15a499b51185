#!/bin/sh
# Resolves pyproject.toml anew into requirements/*.txt: versions and hashes for Python 3.11 to 3.13 on Linux and macOS,
# one file per purpose, all agreeing with each other, no registry address. Pass --upgrade to take newer versions.
set -eu
cd "$(dirname "$0")/.."
uv=.venv/bin/uv
all=build/all.txt
mkdir -p build
compile() {
    "$uv" pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --no-annotate "$@"
}
cat requirements/*.txt >"$all" # versions of today are kept unless pyproject.toml or --upgrade says otherwise
compile pyproject.toml --group infra --group local --group measure --group dev -o "$all" "$@"
compile pyproject.toml -c "$all" -o requirements/runtime.txt "$@"
for group in infra local measure dev; do
    compile --group "pyproject.toml:$group" -c "$all" -o "requirements/$group.txt" "$@"
done
