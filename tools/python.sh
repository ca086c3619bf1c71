# Sourced by the scripts beside it: sets PYTHON to an interpreter with the pinned packages.
#
# adder_python ROOT [MODULE...]: takes that of .venv, or python3, whichever has numpy and the named
# modules; else makes .venv, which needs Debian's python3-venv, where it is not yet, and
# installs tools/requirements-reference.txt in it, and for PIL tools/requirements-images.txt.

adder_python() {
  local root=$1 python modules=numpy
  shift
  [ $# -eq 0 ] || modules+=$(printf ', %s' "$@")
  for python in "$root/.venv/bin/python" python3; do
    if "$python" -c "import $modules" 2>/dev/null; then
      export PYTHON=$python
      return
    fi
  done
  if [ ! -x "$root/.venv/bin/python" ]; then
    if ! python3 -c 'import ensurepip, venv' 2>/dev/null; then
      echo "installing python3-venv" >&2
      local sudo=
      [ "$(id -u)" -eq 0 ] || sudo=sudo
      $sudo apt-get update -qq && $sudo apt-get install -y -qq python3 python3-venv >&2
    fi
    python3 -m venv "$root/.venv"
  fi
  local requirements=(-r "$root/tools/requirements-reference.txt")
  case " $* " in *" PIL "*) requirements+=(-r "$root/tools/requirements-images.txt") ;; esac
  "$root/.venv/bin/python" -m pip install --quiet "${requirements[@]}"
  export PYTHON=$root/.venv/bin/python
}
