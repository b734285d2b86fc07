#!/bin/bash
# Fails, with the difference, unless everything that a tool writes is in the repository as the tool would
# write it now. Changes nothing: what is generated is generated in a copy.
#
# Usage: tools/verify.sh MODULE...
set -euo pipefail
cd "$(dirname "$0")/.."

failed=0
copy=$(mktemp -d)
trap 'rm -rf "$copy"' EXIT

check() { # check WHAT COMMAND...: runs the command, which fails or prints a difference unless all is well
  local what=$1 difference status=0
  shift
  difference=$("$@" 2>"$copy/stderr") || status=$?
  if [[ $status -eq 0 && -z $difference ]]; then
    echo "ok    $what"
  else
    failed=1
    printf 'WRONG %s\n' "$what"
    cat "$copy/stderr"
    printf '%s\n' "$difference"
  fi
}

generated() {
  cp -a go.mod go.sum api "$copy" && mkdir -p "$copy/manifests/base" "$copy/pkg/policyapi" &&
    cp -a manifests/base/crds "$copy/manifests/base" && cp -a pkg/policyapi/openapi "$copy/pkg/policyapi" || return
  (cd "$copy" && "$OLDPWD/tools/generate.sh" "$OLDPWD/.cache/bin") || return
  for folder in api manifests/base/crds pkg/policyapi/openapi; do
    diff -ru "$folder" "$copy/$folder" || return
  done
}
formatted() { git ls-files -z -co --exclude-standard '*.go' | xargs -0r ls 2>/dev/null | xargs -r gofmt -d; }

check "generated code and CRDs (make generate)" generated
check "formatting (make format)" formatted
for module in "$@"; do
  check "go.mod and go.sum of $module (go mod tidy)" go -C "$module" mod tidy -diff
done
exit $failed
