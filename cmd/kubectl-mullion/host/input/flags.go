package input

import (
	"errors"

	"github.com/spf13/pflag"

	"github.com/mullion-dev/mullion/cmd/kubectl-mullion/bundle/access"
)

// Flags are what a user can set.
type Flags struct {
	config  string
	desired string
	content string
	bundle  string
	origins string
	cache   string
	// registry is how the bundle's is reached.
	registry access.Options
}

// Add adds the flags, which mean the same in every subcommand.
func (f *Flags) Add(flags *pflag.FlagSet) {
	flags.StringVar(&f.config, "config", "", "File with a WindowsNodeConfig and, as a second document, ClusterFacts: what a cluster would tell the host.")
	flags.StringVar(&f.desired, "desired", "", "File with the state of a host as it is, instead of --config. It needs no Kubernetes.")
	flags.StringVar(&f.content, "content", "", "Directory with the content of files that the state of --desired names by source or by SHA-256.")
	flags.StringVar(&f.bundle, "bundle", "", "The node bundle: its directory, or its reference by digest. By default the one that the WindowsNodeConfig names.")
	flags.StringVar(&f.origins, "origins", "", "File that says where the files of the bundle's directory come from (default: the directory's name and .yaml).")
	flags.StringVar(&f.cache, "bundle-cache", "", "Directory to keep bundles of registries in, for one process at a time. By default a bundle is fetched each time.")
	f.registry.AddFlags(flags)
}

// Validate checks the flags without reading any file. The error names every flag at fault.
func (f *Flags) Validate() error {
	var errs []error
	switch {
	case f.config == "" && f.desired == "":
		errs = append(errs, errors.New("--config, --desired: say with one of them what the host shall be"))
	case f.config != "" && f.desired != "":
		errs = append(errs, errors.New("--config, --desired: only one of them can say what the host shall be"))
	}
	if f.content != "" && f.desired == "" {
		errs = append(errs, errors.New("--content: it is for --desired; the content of --config is that of the bundle"))
	}
	if f.bundle != "" && f.config == "" {
		errs = append(errs, errors.New("--bundle: it is for --config; the content of --desired is in the directory of --content"))
	}
	if f.origins != "" && f.bundle == "" {
		errs = append(errs, errors.New("--origins: it is for the directory of --bundle"))
	}
	return errors.Join(errs...)
}
