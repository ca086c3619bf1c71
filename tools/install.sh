# Sourced by tools/test: installs Debian packages that are missing.

# adder_install COMMAND:PACKAGE...: installs the package of each command, or file, that is not there.
adder_install() {
  local need missing=() sudo=
  for need in "$@"; do
    [ -e "${need%:*}" ] || command -v "${need%:*}" >/dev/null || missing+=("${need#*:}")
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

# adder_install_embedded: what tools/embedded/check needs: emulators, GCC and a C library for each
# core.
adder_install_embedded() {
  adder_install qemu-system-arm:qemu-system-arm qemu-system-riscv32:qemu-system-misc \
    arm-none-eabi-gcc:gcc-arm-none-eabi \
    /usr/lib/arm-none-eabi/include/newlib.h:libnewlib-arm-none-eabi \
    riscv64-unknown-elf-gcc:gcc-riscv64-unknown-elf \
    /usr/lib/picolibc/riscv64-unknown-elf/picolibc.specs:picolibc-riscv64-unknown-elf
}
