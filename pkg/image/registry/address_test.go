package registry

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"golang.org/x/net/dns/dnsmessage"

	"github.com/mullion-dev/mullion/pkg/image/reference"
	"github.com/mullion-dev/mullion/pkg/policy"
)

func TestRefuseHost(t *testing.T) {
	for host, forbidden := range map[string]bool{
		"169.254.169.254":                 true,
		"169.254.1.1":                     true,
		"2852039166":                      true,
		"0xa9fea9fe":                      true,
		"0xa9.254.43518":                  true,
		"169.254.43518":                   true,
		"0251.0376.0251.0376":             true,
		"::ffff:169.254.169.254":          true,
		"::ffff:a9fe:a9fe":                true,
		"64:ff9b::a9fe:a9fe":              true,
		"fe80::1":                         true,
		"fe80::1%eth0":                    true,
		"febf::1":                         true,
		"fd00:ec2::254":                   true,
		"fd20:ce::254":                    true,
		"168.63.129.16":                   true,
		"100.100.100.200":                 true,
		"0.0.0.0":                         true,
		"0":                               true,
		"::":                              true,
		"224.0.0.1":                       true,
		"ff02::1":                         true,
		"255.255.255.255":                 true,
		"metadata.google.internal":        true,
		"Metadata.Google.Internal.":       true,
		"instance-data":                   true,
		"127.0.0.1":                       false,
		"::1":                             false,
		"10.0.0.5":                        false,
		"192.168.1.1":                     false,
		"172.16.0.1":                      false,
		"fd00::1":                         false,
		"8.8.8.8":                         false,
		"169.253.255.255":                 false,
		"registry.example.com":            false,
		"metadata.example.com":            false,
		"registry":                        false,
		"1.2.3.4.5":                       false,
		"":                                false,
		"169.254.169.254.nip.example.com": false, // Judged when its address is known.
	} {
		t.Run(host, func(t *testing.T) {
			if err := refuseHost(host); (err != nil) != forbidden {
				t.Errorf("got %v, want refused: %v", err, forbidden)
			}
			if address := net.ParseIP(strings.Split(host, "%")[0]); address != nil {
				dialled := net.JoinHostPort(host, "80")
				if err := refuseAddress("tcp", dialled, nil); (err != nil) != forbidden {
					t.Errorf("dialling: got %v, want refused: %v", err, forbidden)
				}
			}
		})
	}
}

// nameServer answers every question for an IPv4 address with the one given.
func nameServer(t *testing.T, answer [4]byte) *net.Resolver {
	t.Helper()
	server, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 512)
		for {
			n, from, err := server.ReadFrom(buffer)
			if err != nil {
				return
			}
			var query dnsmessage.Message
			if query.Unpack(buffer[:n]) != nil || len(query.Questions) != 1 {
				continue
			}
			question := query.Questions[0]
			reply := dnsmessage.Message{
				Header:    dnsmessage.Header{ID: query.ID, Response: true, RecursionAvailable: true},
				Questions: query.Questions,
			}
			if question.Type == dnsmessage.TypeA {
				reply.Answers = []dnsmessage.Resource{{
					Header: dnsmessage.ResourceHeader{Name: question.Name, Type: question.Type, Class: question.Class, TTL: 1},
					Body:   &dnsmessage.AResource{A: answer},
				}}
			}
			packed, err := reply.Pack()
			if err == nil {
				_, _ = server.WriteTo(packed, from)
			}
		}
	}()
	t.Cleanup(func() { _ = server.Close(); <-done })
	//nolint:forbidigo // The field, not the function.
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		var d net.Dialer
		return d.DialContext(ctx, "udp", server.LocalAddr().String())
	}}
}

func TestANameThatResolvesToTheMetadataAddressIsNotConnectedTo(t *testing.T) {
	c := NewClient(Options{})
	c.transport = newTransport(Options{}, nameServer(t, [4]byte{169, 254, 169, 254}))
	t.Cleanup(c.Close)
	image, err := reference.Parse("harmless.example.com/app:1")
	if err != nil {
		t.Fatal(err)
	}
	_, err = c.Lookup(t.Context(), Query{Image: image})
	wantProblem(t, err, policy.ImageForbidden, "harmless.example.com", "leads to 169.254.169.254")
}

func TestAMetadataAddressInAReferenceIsNotAskedEvenThroughAProxy(t *testing.T) {
	proxied := errors.New("the proxy was asked")
	c := NewClient(Options{Proxy: func(*http.Request) (*url.URL, error) { return nil, proxied }})
	t.Cleanup(c.Close)
	for _, host := range []string{"169.254.169.254", "[fd00:ec2::254]", "[fe80::1]:80", "metadata.google.internal", "0xa9.254.43518"} {
		image, err := reference.Parse(host + "/app:1")
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.Lookup(t.Context(), Query{Image: image})
		wantProblem(t, err, policy.ImageForbidden, "never contacted")
	}
}
