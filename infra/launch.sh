#!/bin/sh
# Starts the CDK application with the project's own Python and Node, also when no environment is activated.
root=$(cd "$(dirname "$0")/.." && pwd)
python="$root/.venv/bin/python"
if [ ! -x "$python" ]; then
    echo "kervan: .venv is missing; run 'make setup' in $root once, then try again" >&2
    exit 1
fi
PATH="$root/.venv/bin:$PATH"
export PATH
cd "$root" && exec "$python" -m infra.app
