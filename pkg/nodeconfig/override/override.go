// Package override merges what an administrator adds to a program's configuration into what this project makes of
// it, and refuses what must stay as it is.
//
// Configurations are trees of JSON, whatever they are written as in the end: so they can be merged before anybody
// has to know their types, and a program may be newer than the types that this project was built with.
package override

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/json"
)

// Rule is a field that an override must not touch, and why. Neither may it replace what is above or below the field.
type Rule struct {
	Path   []string
	Reason string
}

// maxDepth is how deep an override may be nested. No configuration comes near it.
const maxDepth = 32

// Apply merges an override into a configuration, as a JSON merge patch (RFC 7386): objects are merged, null deletes,
// everything else replaces. The base is not changed. The errors name fields below fld.
func Apply(base map[string]any, override *runtime.RawExtension, rules []Rule, fld *field.Path) (map[string]any, field.ErrorList) {
	if override == nil || len(override.Raw) == 0 {
		return base, nil
	}
	patch, err := decode(override.Raw)
	if err != nil {
		return nil, field.ErrorList{field.Invalid(fld, field.OmitValueType{}, err.Error())}
	}
	var refused field.ErrorList
	for _, rule := range rules {
		if touched := touch(patch, rule.Path); touched != nil {
			refused = append(refused, field.Forbidden(child(fld, touched), rule.Reason))
		}
	}
	if refused != nil {
		return nil, refused
	}
	return merge(base, patch), nil
}

// decode reads a JSON object in which no key is twice. Numbers without a fraction stay integers.
func decode(raw []byte) (map[string]any, error) {
	var patch map[string]any
	strict, err := json.UnmarshalStrict(raw, &patch)
	switch {
	case err != nil:
		return nil, fmt.Errorf("is not a JSON object: %w", err)
	case len(strict) > 0:
		return nil, errors.Join(strict...)
	case depth(patch) > maxDepth:
		return nil, fmt.Errorf("is nested more than %d deep", maxDepth)
	}
	return patch, nil
}

func depth(value any) int {
	deepest := 0
	switch value := value.(type) {
	case map[string]any:
		for _, v := range value {
			deepest = max(deepest, depth(v))
		}
	case []any:
		for _, v := range value {
			deepest = max(deepest, depth(v))
		}
	default:
		return 0
	}
	return deepest + 1
}

// touch is the path at which a patch reaches the protected one: the path itself, or one above it that the patch
// replaces as a whole. It is nil if the patch leaves it alone.
func touch(patch map[string]any, path []string) []string {
	for i, key := range path {
		value, found := patch[key]
		if !found {
			return nil
		}
		object, isObject := value.(map[string]any)
		if !isObject || i == len(path)-1 {
			return path[:i+1]
		}
		patch = object
	}
	return nil
}

func merge(base, patch map[string]any) map[string]any {
	merged := maps.Clone(base)
	if merged == nil {
		merged = map[string]any{}
	}
	for key, value := range patch {
		object, isObject := value.(map[string]any)
		switch {
		case value == nil:
			delete(merged, key)
		case isObject:
			below, _ := merged[key].(map[string]any) // Anything else is replaced.
			merged[key] = merge(below, object)
		default:
			merged[key] = value
		}
	}
	return merged
}

// child names a field. Keys that are no identifiers are written as those of a map.
func child(fld *field.Path, path []string) *field.Path {
	for _, key := range path {
		if strings.ContainsFunc(key, func(r rune) bool { return !isWord(r) }) {
			fld = fld.Key(key)
		} else {
			fld = fld.Child(key)
		}
	}
	return fld
}

func isWord(r rune) bool {
	return r == '_' || '0' <= r && r <= '9' || 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z'
}

// Strict decodes a configuration into the type that the program has for it, and reports what the type does not have.
func Strict(configuration []byte, into any, fld *field.Path) field.ErrorList {
	strict, err := json.UnmarshalStrict(configuration, into)
	if err != nil {
		return field.ErrorList{field.Invalid(fld, field.OmitValueType{}, err.Error())}
	}
	var list field.ErrorList
	for _, problem := range slices.Clone(strict) {
		list = append(list, field.Invalid(fld, field.OmitValueType{}, problem.Error()))
	}
	return list
}
