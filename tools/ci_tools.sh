#!/usr/bin/env bash
# The two tools that only CI needs and that are no packages of ours, each in a folder of its own:
# Newman runs the Postman collection, sslyze judges our TLS (its pins clash with ours).
# What is there already stays: run it as often as you like.
set -eu
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"

newman=.tools/node
if [ ! -x "$newman/node_modules/.bin/newman" ]; then
  mkdir -p "$newman"
  # From inside its folder: with --prefix, npm would look for a package.json further up.
  (cd "$newman" && npm install --no-audit --no-fund --no-package-lock newman@6)
fi
"$newman/node_modules/.bin/newman" --version

sslyze=.tools/sslyze
if ! "$sslyze/bin/python" -m sslyze --help > /dev/null 2>&1; then
  rm -rf "$sslyze"
  "$python" -m venv "$sslyze"
  "$sslyze/bin/python" -m pip install --quiet sslyze
fi
"$sslyze/bin/python" -m pip show sslyze | grep ^Version
