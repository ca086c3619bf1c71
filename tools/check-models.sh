#!/usr/bin/env bash
# Compiles the bundled checkpoint at every width and compares adderrun with the Python reference,
# integer by integer, on the bundled images. More checkpoints can be named:
#
#   tools/check-models.sh [CHECKPOINT IMAGES.npy CALIBRATION.npy [adderc options...]]
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
. "$root/tools/python.sh"
[ -n "${PYTHON:-}" ] || adder_python "$root"
bin=$(swift build -c release --package-path "$root" --show-bin-path)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ $# -eq 0 ]; then
  set -- "$root/golden/models/fashion-lenet5.pt" "$root/golden/images/fashion-test-1000-images.npy" \
    "$root/golden/images/fashion-calibration-256.npy" --mean .2860 --std .3530
fi
checkpoint=$1 images=$2 calibration=$3
shift 3

for variant in 4 5 6 7 8 16 8-data-free; do
  bits=${variant%%-*}
  ranges=(--calibrate "$calibration")
  [ "$variant" = 8-data-free ] && ranges=()
  for copy in 1 2; do
    "$bin/adderc" compile "$checkpoint" -o "$work/$copy.adb" --bits "$bits" "${ranges[@]}" "$@" \
      --quiet >/dev/null 2>&1
  done
  cmp "$work/1.adb" "$work/2.adb"
  "$bin/adderrun" "$work/1.adb" "$images" -o "$work/out.npy" --quiet
  "$PYTHON" "$root/tools/reference/run_adb.py" "$work/1.adb" "$images" --compare "$work/out.npy"
  echo "$variant bits: equal integers, equal bytes when compiled twice"
done
