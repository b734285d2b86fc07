// Package openapi describes the types of the policy API in OpenAPI. A tool writes all but this file.
package openapi

import (
	"maps"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/kube-openapi/pkg/common"
	"k8s.io/kube-openapi/pkg/validation/spec"
)

// Definitions are all types that the policy API mentions, by their names in OpenAPI.
func Definitions(ref common.ReferenceCallback) map[string]common.OpenAPIDefinition {
	all := GetOpenAPIDefinitions(func(name string) spec.Ref { return ref(modelName(name)) })
	for _, definition := range all {
		for i, dependency := range definition.Dependencies {
			definition.Dependencies[i] = modelName(dependency)
		}
	}
	maps.Copy(all, coreDefinitions(ref))
	return all
}

// modelName is the name in OpenAPI of a type of core/v1 that the generator knows by its Go name only.
func modelName(name string) string {
	switch name {
	case "k8s.io/api/core/v1.Taint":
		return corev1.Taint{}.OpenAPIModelName()
	case "k8s.io/api/core/v1.Toleration":
		return corev1.Toleration{}.OpenAPIModelName()
	default:
		return name
	}
}

// coreDefinitions are those of the two types of core/v1 that occur. To generate them is to generate all of core/v1,
// which is some fifty thousand lines.
func coreDefinitions(ref common.ReferenceCallback) map[string]common.OpenAPIDefinition {
	when := metav1.Time{}.OpenAPIModelName()
	return map[string]common.OpenAPIDefinition{
		corev1.Taint{}.OpenAPIModelName(): {
			Schema: object(corev1.Taint{}.SwaggerDoc(), map[string]spec.Schema{
				"key":       *spec.StringProperty(),
				"value":     *spec.StringProperty(),
				"effect":    *spec.StringProperty(),
				"timeAdded": {SchemaProps: spec.SchemaProps{Ref: ref(when)}},
			}, "key", "effect"),
			Dependencies: []string{when},
		},
		corev1.Toleration{}.OpenAPIModelName(): {
			Schema: object(corev1.Toleration{}.SwaggerDoc(), map[string]spec.Schema{
				"key":               *spec.StringProperty(),
				"operator":          *spec.StringProperty(),
				"value":             *spec.StringProperty(),
				"effect":            *spec.StringProperty(),
				"tolerationSeconds": *spec.Int64Property(),
			}),
		},
	}
}

// object is the schema of a struct, with the descriptions that its type has for itself (under "") and its fields.
func object(descriptions map[string]string, properties map[string]spec.Schema, required ...string) spec.Schema {
	for name, property := range properties {
		property.Description = descriptions[name]
		properties[name] = property
	}
	return spec.Schema{SchemaProps: spec.SchemaProps{
		Type: []string{"object"}, Description: descriptions[""], Properties: properties, Required: required,
	}}
}
