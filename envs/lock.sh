#!/usr/bin/env bash
# Resolve the dependencies of pyproject.toml in fresh environments and pin what came out.
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:-python3}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

"$python" -m venv --without-pip "$scratch/venv"
pip() { "$python" -m pip --disable-pip-version-check --python "$scratch/venv/bin/python" "$@"; }

# A build's local tag (torch's +cpu) is left out, so that each machine takes the build it finds.
# TensorFlow's small build is there for one platform only; the others take the whole one.
small="sys_platform == 'linux' and platform_machine == 'x86_64'"
whole="sys_platform != 'linux' or platform_machine != 'x86_64'"
pin() {
  {
    echo "# Made by 'make lock' from pyproject.toml; do not edit."
    pip freeze --all | sed -E "s/\+[a-z0-9.]+$//
      s/^tensorflow_cpu==(.*)/tensorflow-cpu==\1 ; $small\ntensorflow==\1 ; $whole/"
  } > "$1.new"
  mv "$1.new" "$1"
}

# Read rather than built: building the project would leave its traces in the checkout.
wanted() {
  "$python" - "$1" <<'PYTHON'
import sys, tomllib
project = tomllib.load(open("pyproject.toml", "rb"))["project"]
extra = project["optional-dependencies"]["development"] if sys.argv[1] == "development" else []
print(*project["dependencies"], *extra, "setuptools>=80", sep="\n")
PYTHON
}

for environment in study development; do
  wanted "$environment" > "$scratch/wanted.txt"
  pip install --quiet --requirement "$scratch/wanted.txt"
  pin "envs/$environment.txt"
done

{
  echo "# Made by 'make lock' from envs/study.txt; do not edit."
  echo "# For Snakemake's --software-deployment-method conda."
  echo "channels: [conda-forge, nodefaults]"
  echo "dependencies:"
  echo "  - python=3.11"
  echo "  - pip"
  echo "  - pip:"
  grep -v '^#' envs/study.txt | sed 's/.*/      - "&"/'
} > envs/study.yaml.new
mv envs/study.yaml.new envs/study.yaml
