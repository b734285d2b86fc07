#!/bin/bash
# Writes, below the working directory, everything that is generated from the API types: deep copies, CRDs, and the
# OpenAPI of the policy API.
#
# Usage: tools/generate.sh FOLDER, where the folder has the tools.
set -euo pipefail
tools=$1

"$tools/controller-gen" object crd paths=./api/... output:crd:dir=manifests/base/crds
"$tools/openapi-gen" --go-header-file /dev/null --report-filename /dev/null \
  --output-dir pkg/policyapi/openapi --output-pkg github.com/mullion-dev/mullion/pkg/policyapi/openapi \
  --output-file zz_generated.openapi.go --output-model-name-file zz_generated.model_name.go \
  --readonly-pkg k8s.io/apimachinery/pkg/apis/meta/v1 --readonly-pkg k8s.io/apimachinery/pkg/runtime \
  --readonly-pkg k8s.io/apimachinery/pkg/util/intstr --readonly-pkg k8s.io/apimachinery/pkg/version \
  ./api/placement/v1alpha1 ./api/v1alpha1 \
  k8s.io/apimachinery/pkg/apis/meta/v1 k8s.io/apimachinery/pkg/runtime k8s.io/apimachinery/pkg/util/intstr \
  k8s.io/apimachinery/pkg/version
