# Sourced by tools/test: installs Debian packages that are missing.

# adder_install COMMAND:PACKAGE...: installs the package of each command that is not there.
adder_install() {
  local need missing=() sudo=
  for need in "$@"; do
    command -v "${need%:*}" >/dev/null || missing+=("${need#*:}")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" -eq 0 ] || sudo=sudo
  if ! command -v apt-get >/dev/null || { [ -n "$sudo" ] && ! command -v sudo >/dev/null; }; then
    echo "not installed, and apt-get or the rights to use it are missing: ${missing[*]}" \
      "(names of Debian packages)" >&2
    return 1
  fi
  echo "installing ${missing[*]}" >&2
  $sudo apt-get update -qq && $sudo apt-get install -y -qq --no-install-recommends "${missing[@]}" >&2
}
