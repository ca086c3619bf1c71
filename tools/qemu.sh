# Sourced by tools/test: installs the emulators and the compiler that tools/embedded/check runs, where
# they are missing.

adder_qemu() {
  local need missing=() sudo=
  for need in qemu-system-arm:qemu-system-arm qemu-system-riscv32:qemu-system-misc \
    arm-none-eabi-gcc:gcc-arm-none-eabi; do
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
