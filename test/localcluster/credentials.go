package localcluster

import (
	"crypto/x509"
	"fmt"
	"net"

	"k8s.io/client-go/util/keyutil"
)

// credentials are the keys that the components share through files of the data directory.
type credentials struct {
	cluster *authority // Signs what serves, and clients: users, components, approved CSRs.
}

// Names of key pairs in the data directory; each is a .crt and a .key file.
const (
	clusterAuthorityName    = "ca"
	frontProxyAuthorityName = "front-proxy-ca"
	frontProxyClientName    = "front-proxy-client"
	servingName             = "serving"
	serviceAccountName      = "service-account" // Its .crt holds a bare public key.
)

// newCredentials makes all keys afresh and stores them.
func newCredentials(dir *dataDir) (*credentials, error) {
	cluster, err := newAuthority("localcluster")
	if err != nil {
		return nil, err
	}
	frontProxy, err := newAuthority("localcluster-front-proxy")
	if err != nil {
		return nil, err
	}
	makers := map[string]func() (keyPair, error){
		clusterAuthorityName:    cluster.pair,
		frontProxyAuthorityName: frontProxy.pair,
		frontProxyClientName:    func() (keyPair, error) { return frontProxy.client(frontProxyClientName) },
		servingName: func() (keyPair, error) {
			return cluster.server(
				[]string{"localhost", "kubernetes", "kubernetes.default", "kubernetes.default.svc"},
				[]net.IP{net.IPv4(127, 0, 0, 1), net.IPv4(10, 0, 0, 1)})
		},
		serviceAccountName: newTokenKey,
	}
	for name, newPair := range makers {
		pair, err := newPair()
		if err != nil {
			return nil, err
		}
		if err := pair.write(dir, name); err != nil {
			return nil, err
		}
	}
	return &credentials{cluster: cluster}, nil
}

// newTokenKey makes the pair that signs and verifies service-account tokens.
func newTokenKey() (keyPair, error) {
	key, err := newKey()
	if err != nil {
		return keyPair{}, err
	}
	private, err := keyutil.MarshalPrivateKeyToPEM(key)
	if err != nil {
		return keyPair{}, fmt.Errorf("encoding the key of service accounts: %w", err)
	}
	public, err := x509.MarshalPKIXPublicKey(key.Public())
	if err != nil {
		return keyPair{}, fmt.Errorf("encoding the key of service accounts: %w", err)
	}
	return keyPair{certificate: encodePEM(keyutil.PublicKeyBlockType, public), key: private}, nil
}
