package nodeconfig

import (
	"slices"
	"time"

	"k8s.io/apimachinery/pkg/api/resource"

	"github.com/mullion-dev/mullion/api/v1alpha1"
	"github.com/mullion-dev/mullion/pkg/agent/state"
	"github.com/mullion-dev/mullion/pkg/agent/winpath"
)

// service adds a service that logs, is restarted whenever it ends, and has the proxy's variables.
func (b *builder) service(s state.Service) {
	s.Recovery = state.Recovery{
		// A program that cannot run at all must not keep a processor busy; one that crashed once comes back soon.
		RestartAfterSeconds: []int{5, 15, 60},
		ResetAfterSeconds:   600,
		OnError:             true,
	}
	s.TakeOver = b.spec.Host.ExistingServices == v1alpha1.ExistingServicesTakeOver
	for _, variable := range b.environment {
		// What is said of one service is meant for it.
		if !slices.ContainsFunc(s.Variables, func(v state.ServiceVariable) bool {
			return winpath.Fold(v.Name) == winpath.Fold(variable.Name)
		}) {
			s.Variables = append(s.Variables, variable)
		}
	}
	if s.Log != "" {
		b.desired.Directories = append(b.desired.Directories, state.Directory{Path: s.Log.Parent()})
	}
	b.desired.Services = append(b.desired.Services, s)
}

// logged runs a program that writes to its standard error under kube-log-runner, which writes that to files and
// rotates them. A Windows service has no standard error: without a runner nobody would ever know what it said.
func (b *builder) logged(program winpath.Path, arguments []string, log winpath.Path) (runner winpath.Path, all []string) {
	if _, found := b.programs.Manifest.Find(logRunnerProgram); !found {
		return program, arguments
	}
	size := b.maxLogSize()
	return b.installed(logRunnerProgram), append([]string{
		"-log-file=" + log.String(),
		"-log-file-size=" + size.String(),
		"-log-file-age=" + b.maxLogAge().String(),
		"-flush-interval=5s",
		program.String(),
	}, arguments...)
}

// The bounds of logs that the API defaults to, for objects that no API server has defaulted.
const (
	defaultLogSize = "100Mi"
	defaultLogAge  = 7 * 24 * time.Hour
)

func (b *builder) maxLogSize() resource.Quantity {
	if size := b.spec.Logging.MaxFileSize; size != nil {
		return *size
	}
	return resource.MustParse(defaultLogSize)
}

// maxLogMegabytes is maxLogSize for programs that want whole megabytes; it is never 0, which means no bound.
func (b *builder) maxLogMegabytes() int64 {
	const megabyte = 1 << 20
	size := b.maxLogSize()
	return max(1, size.Value()/megabyte)
}

func (b *builder) maxLogAge() time.Duration {
	if age := b.spec.Logging.MaxAge; age != nil {
		return age.Duration
	}
	return defaultLogAge
}
