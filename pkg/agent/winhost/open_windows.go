package winhost

import (
	"github.com/mullion-dev/mullion/pkg/agent/host"
)

// Open returns the host that the program runs on. The service is the name of the one that the program runs as; empty if
// it runs as a command.
func Open(service string) (host.Host, error) {
	return host.Host{
		Files:        files{},
		Services:     services{},
		Environment:  environment{},
		Registry:     keys{},
		Certificates: certificates{},
		Firewall:     firewall{},
		Features:     features{},
		Networks:     hns{},
		Routes:       routes{},
		System:       system{service: service},
	}, nil
}
