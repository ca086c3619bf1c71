# Sourced by the scripts beside it: sets PYTHON to an interpreter with the pinned packages.
#
# Takes python3 if it has numpy, else makes a virtual environment in .venv, which needs Debian's
# python3-venv.

adder_python() {
  local root=$1
  if [ -x "$root/.venv/bin/python" ]; then
    PYTHON=$root/.venv/bin/python
  elif python3 -c 'import numpy' 2>/dev/null; then
    PYTHON=python3
  else
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
      echo "installing python3-venv" >&2
      local sudo=
      [ "$(id -u)" -eq 0 ] || sudo=sudo
      $sudo apt-get update -qq && $sudo apt-get install -y -qq python3 python3-venv >&2
    fi
    python3 -m venv "$root/.venv"
    "$root/.venv/bin/pip" install --quiet -r "$root/tools/requirements-reference.txt"
    PYTHON=$root/.venv/bin/python
  fi
  export PYTHON
}
