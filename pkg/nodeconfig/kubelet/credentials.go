package kubelet

import (
	"path"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	kubeletv1 "k8s.io/kubelet/config/v1"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/nodeconfig/document"
)

// ProviderDirectory is the directory of a bundle that has credential providers.
const ProviderDirectory = "credential-providers"

// defaultCacheDuration is what the API defaults to, for objects that no API server has defaulted.
const defaultCacheDuration = 5 * time.Minute

// known is what is known of a cloud's credential provider.
type known struct {
	program     string
	matchImages []string
	args        []string
}

// providers are the clouds' own credential providers. Their images and arguments are those that their projects
// document: https://github.com/kubernetes/cloud-provider-aws (ecr-credential-provider),
// https://github.com/kubernetes-sigs/cloud-provider-azure (acr-credential-provider) and
// https://github.com/kubernetes/cloud-provider-gcp (auth-provider-gcp).
func providers() map[v1alpha1.CredentialProviderType]known {
	return map[v1alpha1.CredentialProviderType]known{
		v1alpha1.CredentialProviderECR: {
			program: "ecr-credential-provider.exe",
			matchImages: []string{
				"*.dkr.ecr.*.amazonaws.com", "*.dkr.ecr.*.amazonaws.com.cn", "*.dkr.ecr-fips.*.amazonaws.com",
				"public.ecr.aws",
			},
		},
		v1alpha1.CredentialProviderACR: {
			program:     "acr-credential-provider.exe",
			matchImages: []string{"*.azurecr.io", "*.azurecr.cn", "*.azurecr.de", "*.azurecr.us"},
		},
		v1alpha1.CredentialProviderGCR: {
			program:     "auth-provider-gcp.exe",
			matchImages: []string{"container.cloud.google.com", "gcr.io", "*.gcr.io", "*.pkg.dev"},
			args:        []string{"get-credentials"},
		},
	}
}

// Credentials is the configuration of image credential providers.
type Credentials struct {
	// Config is the rendered CredentialProviderConfig.
	Config []byte
	// Programs are the providers' paths in a bundle.
	Programs []string
}

// CredentialProviders renders the configuration of image credential providers.
func CredentialProviders(specs []v1alpha1.CredentialProvider, fld *field.Path) (Credentials, field.ErrorList) {
	config := kubeletv1.CredentialProviderConfig{
		TypeMeta: metav1.TypeMeta{APIVersion: kubeletv1.SchemeGroupVersion.String(), Kind: "CredentialProviderConfig"},
	}
	var (
		result   Credentials
		problems field.ErrorList
		named    = map[string]bool{}
	)
	for i := range specs {
		at := fld.Index(i)
		provider, program, problem := credentialProvider(&specs[i], at)
		if problem != nil {
			problems = append(problems, problem)
			continue
		}
		if named[provider.Name] {
			// The kubelet names providers by their programs, and wants each name once.
			problems = append(problems, field.Duplicate(at.Child("program"), program))
			continue
		}
		named[provider.Name] = true
		config.Providers = append(config.Providers, provider)
		result.Programs = append(result.Programs, path.Join(ProviderDirectory, program))
	}
	if problems != nil {
		return Credentials{}, problems
	}
	rendered, err := document.JSON(config)
	if err != nil {
		return Credentials{}, field.ErrorList{field.InternalError(fld, err)}
	}
	result.Config = rendered
	return result, nil
}

func credentialProvider(spec *v1alpha1.CredentialProvider, fld *field.Path) (kubeletv1.CredentialProvider, string, *field.Error) {
	preset, found := providers()[spec.Type]
	if !found && spec.Type != v1alpha1.CredentialProviderCustom {
		return kubeletv1.CredentialProvider{}, "", field.NotSupported(fld.Child("type"), spec.Type, []v1alpha1.CredentialProviderType{
			v1alpha1.CredentialProviderECR, v1alpha1.CredentialProviderACR, v1alpha1.CredentialProviderGCR, v1alpha1.CredentialProviderCustom,
		})
	}
	program := preset.program
	if spec.Program != "" {
		program = spec.Program
	}
	if program == "" {
		return kubeletv1.CredentialProvider{}, "", field.Required(fld.Child("program"), "the type Custom knows no program")
	}
	images := preset.matchImages
	if len(spec.MatchImages) > 0 {
		images = spec.MatchImages
	}
	if len(images) == 0 {
		return kubeletv1.CredentialProvider{}, "", field.Required(fld.Child("matchImages"), "the type Custom knows no images")
	}
	duration := spec.CacheDuration
	if duration == nil {
		duration = &metav1.Duration{Duration: defaultCacheDuration}
	}
	provider := kubeletv1.CredentialProvider{
		// The kubelet looks for the program by this name; on Windows it adds the ending.
		Name:                 strings.TrimSuffix(program, ".exe"),
		MatchImages:          images,
		DefaultCacheDuration: duration,
		APIVersion:           "credentialprovider.kubelet.k8s.io/v1",
		Args:                 append(append([]string(nil), preset.args...), spec.Args...),
	}
	for _, variable := range spec.Environment {
		provider.Env = append(provider.Env, kubeletv1.ExecEnvVar{Name: variable.Name, Value: variable.Value})
	}
	return provider, program, nil
}
