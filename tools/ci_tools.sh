#!/usr/bin/env bash
# Tools for CI only, npm's in one folder and the others each in its own. Newman runs the Postman
# collection. gift-pegjs reads the quizzes that are made for Moodle. configurable-http-proxy is
# JupyterHub's proxy. axe-core checks that the page is accessible. sslyze checks our TLS; its pins
# conflict with ours. schemathesis checks the service against /openapi.json; it would add a plugin
# to every run of pytest. nbgrader grades a small class. Notebook 7 shows the explorers. The lessons are run with Colab's versions.
# It installs only what is missing, so it can run again.
set -eu
cd "$(dirname "$0")/.."
python="${PYTHON:-python3}"

# npm's packages, in the versions of tools/npm/package-lock.json, and those of slides.py with them.
if ! cmp -s tools/npm/package-lock.json .tools/npm/package-lock.json || [ ! -e .tools/npm/node_modules/newman ]; then
  mkdir -p .tools/npm
  cp tools/npm/package.json tools/npm/package-lock.json .tools/npm
  (cd .tools/npm && npm ci --no-audit --no-fund)
fi
.tools/npm/node_modules/.bin/newman --version

sslyze=.tools/sslyze
if ! "$sslyze/bin/python" -m sslyze --help > /dev/null 2>&1; then
  rm -rf "$sslyze"
  "$python" -m venv "$sslyze"
  "$sslyze/bin/python" -m pip install --quiet sslyze
fi
"$sslyze/bin/python" -m pip show sslyze | grep ^Version

schemathesis=.tools/schemathesis
if ! "$schemathesis/bin/schemathesis" --version > /dev/null 2>&1; then
  rm -rf "$schemathesis"
  "$python" -m venv "$schemathesis"
  "$schemathesis/bin/python" -m pip install --quiet "schemathesis>=4.32"
fi
"$schemathesis/bin/schemathesis" --version

notebook=.tools/notebook
if ! "$notebook/bin/python" -c "import notebook" > /dev/null 2>&1; then
  rm -rf "$notebook"
  "$python" -m venv "$notebook"
  "$notebook/bin/python" -m pip install --quiet "notebook>=7.6"
fi
"$notebook/bin/jupyter" notebook --version

# nbgrader switches its extensions on in every JupyterLab of its environment.
nbgrader=.tools/nbgrader
# The kit lies in it, too, with the packages that it needed then.
if ! "$nbgrader/bin/python" -c 'import nbgrader, securedata_classroom.grading' > /dev/null 2>&1; then
  rm -rf "$nbgrader"
  "$python" -m venv "$nbgrader"
  "$nbgrader/bin/python" -m pip install --quiet "nbgrader>=0.9.5" -e .
fi
"$nbgrader/bin/nbgrader" --version

# Colab's Python and Jupyter, so that the lessons are tried on them.
colab=.tools/colab
if ! "$colab/bin/python" -c "import nbval" 2> /dev/null; then
  for candidate in python3.13 /usr/bin/python3.13 "$python"; do
    # A name may exist and not run, or be another version.
    if "$candidate" -c 'import ensurepip, sys; sys.exit(sys.version_info[:2] != (3, 13))' 2> /dev/null; then
      "$candidate" -m venv "$colab"
      break
    fi
  done
  "$colab/bin/python" -m pip install --quiet \
    ipython==7.34.0 ipykernel==6.17.1 jupyter_client==7.4.9 notebook==6.5.7 tornado==6.5.7 \
    requests==2.32.4 flask==3.1.3 pytest==8.4.2 nbval
fi
"$colab/bin/python" --version
