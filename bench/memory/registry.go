package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"sync/atomic"
	"time"

	ggcr "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/types"

	"github.com/mullion-dev/mullion/bench/internal/cluster"
)

// registry makes images up when it is asked for them: tens of thousands would take minutes to push. Every tag is an
// index of three Windows images, and no two have a digest in common.
type registry struct {
	server   *http.Server
	listener net.Listener
	// served counts the manifests that were fetched.
	served atomic.Int64
}

func startRegistry() (*registry, error) {
	listener, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0") // Does not wait.
	if err != nil {
		return nil, fmt.Errorf("listening for registry clients: %w", err)
	}
	r := &registry{listener: listener}
	r.server = &http.Server{Handler: http.HandlerFunc(r.serve), ReadHeaderTimeout: time.Minute}
	go func() { _ = r.server.Serve(listener) }() // Until close.
	return r, nil
}

func (r *registry) host() string { return r.listener.Addr().String() }

func (r *registry) close() { _ = r.server.Close() }

// reference is the reference of an image: teams have services, and each service ten versions.
func (r *registry) reference(i int) string {
	return fmt.Sprintf("%s/team-%02d/service-%04d:1.%d.0", r.host(), i/10%100, i/10, i%10)
}

// serve answers as the distribution specification says, as far as tags are concerned.
// See https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pulling-manifests.
func (r *registry) serve(w http.ResponseWriter, request *http.Request) {
	if !regexp.MustCompile(`^/v2/team-\d+/service-\d+/manifests/1\.\d\.0$`).MatchString(request.URL.Path) {
		http.NotFound(w, request)
		return
	}
	body, err := json.Marshal(index(request.URL.Path))
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", string(types.DockerManifestList))
	w.Header().Set("Docker-Content-Digest", fmt.Sprintf("sha256:%x", sha256.Sum256(body)))
	if request.Method == http.MethodGet {
		r.served.Add(1)
		_, _ = w.Write(body)
	}
}

// index has one image for each build, with digests that follow from its name.
func index(name string) ggcr.IndexManifest {
	list := ggcr.IndexManifest{SchemaVersion: 2, MediaType: types.DockerManifestList}
	for _, build := range cluster.Builds() {
		list.Manifests = append(list.Manifests, ggcr.Descriptor{
			MediaType: types.DockerManifestSchema2,
			Size:      1500,
			Digest:    ggcr.Hash{Algorithm: "sha256", Hex: fmt.Sprintf("%x", sha256.Sum256([]byte(name+build)))},
			Platform:  &ggcr.Platform{OS: "windows", Architecture: "amd64", OSVersion: build + ".2700"},
		})
	}
	return list
}
