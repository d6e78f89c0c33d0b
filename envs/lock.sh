#!/usr/bin/env bash
# Resolve the dependencies of pyproject.toml, for all its versions of Python, and pin them.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:-python3}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$python" -m venv --without-pip "$scratch/venv"
"$python" -m pip --disable-pip-version-check --python "$scratch/venv/bin/python" \
  install --quiet uv setuptools
# The settings of pip, as install.py reads them.
eval "$("$scratch/venv/bin/python" - "$python" <<'PYTHON'
import shlex, sys
sys.path.insert(0, "envs")
from install import uv_settings
for name, value in uv_settings(sys.argv[1]).items():
    print(f"export {name}={shlex.quote(value)}")
PYTHON
)"

# An index that has all builds of a package: others may have some, and the lock their hashes alone.
unset UV_INDEX UV_EXTRA_INDEX_URL UV_FIND_LINKS

# Not torch, which has builds of its own for machines with and without GPUs (install.py).
resolve() {
  {
    echo "# Made by 'make lock' from pyproject.toml; do not edit."
    "$scratch/venv/bin/uv" pip compile --quiet --universal --python-version 3.11 \
      --generate-hashes --no-annotate --no-header --no-emit-package torch "${@:2}" |
      awk '/^[^ ]/ { kept = !/^(cuda|nvidia|triton)-?/ } kept'
  } > "$1.new"
  mv "$1.new" "$1"
}

echo uv | resolve envs/uv.txt -
echo "setuptools>=80" > "$scratch/build.txt" # installs the project itself
resolve envs/study.txt pyproject.toml "$scratch/build.txt"
resolve envs/development.txt pyproject.toml "$scratch/build.txt" --extra development \
  --constraint envs/study.txt

{
  echo "# Made by 'make lock' from envs/study.txt; do not edit."
  echo "# For Snakemake's --software-deployment-method conda."
  echo "channels: [conda-forge, nodefaults]"
  echo "dependencies:"
  echo "  - python=3.11"
  echo "  - pip"
  echo "  - pip:"
  { grep '^[a-z]' envs/study.txt | sed 's/ *\\$//'; grep -o 'torch==[0-9.]*' pyproject.toml; } |
    sed 's/.*/      - "&"/'
} > envs/study.yaml.new
mv envs/study.yaml.new envs/study.yaml
