#!/bin/sh
# Writes golden/vectors anew and fails if anything else in the working tree changed.
set -eu
cd "$(dirname "$0")/.."

state() {
  git status --porcelain --untracked-files=all -- . ':!golden/vectors'
  git diff HEAD -- . ':!golden/vectors'
}

before=$(state)
python3 tools/reference/make_vectors.py
if [ "$(state)" != "$before" ]; then
  echo "regenerate-golden.sh: files outside golden/vectors changed" >&2
  exit 1
fi
git status --short -- golden/vectors
