package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	admissionv1 "k8s.io/api/admission/v1"

	"github.com/mullion-dev/mullion/bench/internal/reviewserver"
)

// client sends one review again and again over one connection.
type client struct {
	http   *http.Client
	url    string
	review []byte
}

func newClient(server *reviewserver.Child, review []byte) (*client, error) {
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM(server.Certificate()) {
		return nil, fmt.Errorf("the server at %s has no certificate", server.URL())
	}
	return &client{
		http: &http.Client{
			Transport: &http.Transport{
				TLSClientConfig:   &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
				ForceAttemptHTTP2: true,
			},
			Timeout: 10 * time.Second,
		},
		url:    server.URL() + "?timeout=10s",
		review: review,
	}, nil
}

func (c *client) close() { c.http.CloseIdleConnections() }

// check sends the review once and makes sure that it is answered as an API server would have it.
func (c *client) check(ctx context.Context) (*admissionv1.AdmissionResponse, error) {
	body, proto, err := c.send(ctx)
	if err != nil {
		return nil, err
	}
	var answer admissionv1.AdmissionReview
	if err := json.Unmarshal(body, &answer); err != nil {
		return nil, fmt.Errorf("reading the answer: %w", err)
	}
	var asked admissionv1.AdmissionReview
	if err := json.Unmarshal(c.review, &asked); err != nil {
		return nil, fmt.Errorf("reading the review: %w", err)
	}
	switch {
	case proto != 2:
		return nil, fmt.Errorf("answered over HTTP/%d", proto)
	case answer.Response == nil || answer.Response.UID != asked.Request.UID || !answer.Response.Allowed:
		return nil, fmt.Errorf("not allowed: %s", body)
	}
	return answer.Response, nil
}

func (c *client) send(ctx context.Context) (body []byte, httpMajor int, err error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, c.url, bytes.NewReader(c.review))
	if err != nil {
		return nil, 0, fmt.Errorf("making the call: %w", err)
	}
	request.Header.Set("Content-Type", "application/json")
	answer, err := c.http.Do(request)
	if err != nil {
		return nil, 0, fmt.Errorf("sending the review: %w", err)
	}
	defer answer.Body.Close()
	body, err = io.ReadAll(answer.Body)
	if err != nil {
		return nil, 0, fmt.Errorf("receiving the answer: %w", err)
	}
	if answer.StatusCode != http.StatusOK {
		return nil, 0, fmt.Errorf("answered with HTTP %d: %s", answer.StatusCode, body)
	}
	return body, answer.ProtoMajor, nil
}
