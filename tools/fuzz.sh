#!/bin/bash
# Lets every fuzz test of the repository look for new inputs, one after the other, since go test fuzzes one at
# a time. What it finds is kept in the package's testdata: commit it, and it stays a test.
#
# Usage: tools/fuzz.sh TIME-FOR-EACH
set -euo pipefail
cd "$(dirname "$0")/.."
time=${1:?usage: tools/fuzz.sh TIME-FOR-EACH}

# Lines such as pkg/workload/fuzz_test.go:func FuzzDecode(
found=$(git grep --untracked -E -o '^func Fuzz[A-Za-z0-9_]*\(' -- '*_test.go') || {
  echo "no fuzz test was found" >&2
  exit 1
}
while IFS=: read -r file func; do
  package=./$(dirname "$file")
  name=${func#func }
  name=${name%(}
  echo "== $package $name"
  go test -run '^$' -fuzz "^$name\$" -fuzztime "$time" "$package"
done <<<"$found"
echo "$(wc -l <<<"$found") fuzz tests, $time each: nothing found"
