package joincredentials

import (
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	bootstrapapi "k8s.io/cluster-bootstrap/token/api"
	bootstraputil "k8s.io/cluster-bootstrap/token/util"

	"github.com/mullion-dev/mullion/api/v1alpha1"
)

// Group is that of hosts which are joining. A ClusterRole of the manifests lets it ask for certificates.
const Group = "system:bootstrappers:mullion"

// namespace is where the API server looks for bootstrap tokens.
const namespace = metav1.NamespaceSystem

// newSecret makes a token that nobody can guess, neither its id nor its secret.
func newSecret(host *v1alpha1.WindowsHost, nodeName string, expires time.Time) (*corev1.Secret, error) {
	value, err := bootstraputil.GenerateBootstrapToken() // From crypto/rand.
	if err != nil {
		return nil, fmt.Errorf("making a bootstrap token: %w", err)
	}
	id, secret, _ := strings.Cut(value, ".")
	return &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: namespace,
			Name:      bootstraputil.BootstrapTokenSecretName(id),
			Labels: map[string]string{
				v1alpha1.LabelManagedBy: v1alpha1.ManagedBy,
				v1alpha1.LabelHostUID:   string(host.UID),
			},
			Annotations: map[string]string{
				v1alpha1.AnnotationHost: host.Namespace + "/" + host.Name,
				v1alpha1.AnnotationNode: nodeName,
			},
		},
		Type: corev1.SecretTypeBootstrapToken,
		Data: map[string][]byte{
			bootstrapapi.BootstrapTokenIDKey:               []byte(id),
			bootstrapapi.BootstrapTokenSecretKey:           []byte(secret),
			bootstrapapi.BootstrapTokenExpirationKey:       []byte(expires.UTC().Format(time.RFC3339)),
			bootstrapapi.BootstrapTokenUsageAuthentication: []byte("true"),
			bootstrapapi.BootstrapTokenExtraGroupsKey:      []byte(Group),
			bootstrapapi.BootstrapTokenDescriptionKey:      []byte("Lets WindowsHost " + host.Namespace + "/" + host.Name + " join as the node " + nodeName + "."),
		},
	}, nil
}

// tokenOf reads a token, and false where the Secret is not what the API server takes for one, or has been changed into
// something that we would not have made.
func tokenOf(secret *corev1.Secret) (Token, bool) {
	id := string(secret.Data[bootstrapapi.BootstrapTokenIDKey])
	value := bootstraputil.TokenFromIDAndSecret(id, string(secret.Data[bootstrapapi.BootstrapTokenSecretKey]))
	expires, err := time.Parse(time.RFC3339, string(secret.Data[bootstrapapi.BootstrapTokenExpirationKey]))
	if err != nil || !bootstraputil.IsValidBootstrapToken(value) ||
		secret.Type != corev1.SecretTypeBootstrapToken ||
		secret.Name != bootstraputil.BootstrapTokenSecretName(id) ||
		string(secret.Data[bootstrapapi.BootstrapTokenUsageAuthentication]) != "true" ||
		string(secret.Data[bootstrapapi.BootstrapTokenExtraGroupsKey]) != Group {
		return Token{}, false
	}
	return Token{Value: value, User: userOf(id), Expires: expires}, true
}
