// Command nodeservice stands in for services of a node that a test host cannot run, or need not: kube-proxy, csi-proxy
// and windows_exporter, under whose names it is installed. It takes their flags, insists on the files they name, logs
// that it runs, and answers where they would.
package main

import (
	"context"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/spf13/pflag"
)

func main() {
	if err := run(os.Args); err != nil {
		log.Fatal(err)
	}
}

func run(args []string) error {
	name := strings.TrimSuffix(strings.ToLower(filepath.Base(args[0])), ".exe")
	o, err := readFlags(name, args[1:])
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log.Printf("%s starts with %q", name, args[1:])
	return runUntilStopped(ctx, o, o.serve)
}

// options are the flags that mean something here.
type options struct {
	name string
	// config is a file that must exist; it may say where to listen.
	config string
	// listen is where to answer; empty means not at all.
	listen string
	// windowsService says that this is a service, even if another program has started it.
	windowsService bool
}

// readFlags knows the flags of all three services. Those of windows_exporter and csi-proxy may begin with one dash.
func readFlags(name string, args []string) (options, error) {
	o := options{name: name, listen: map[string]string{"kube-proxy": ":10256", "windows_exporter": ":9182"}[name]}
	long := make([]string, len(args))
	for i, arg := range args {
		if strings.HasPrefix(arg, "-") && !strings.HasPrefix(arg, "--") {
			arg = "-" + arg
		}
		long[i] = arg
	}
	flags := pflag.NewFlagSet(name, pflag.ContinueOnError)
	flags.ParseErrorsAllowlist.UnknownFlags = true
	flags.StringVar(&o.config, "config", "", "configuration file")
	flags.StringVar(&o.config, "web.config.file", "", "configuration file of the exporter's listener")
	flags.StringVar(&o.listen, "web.listen-address", o.listen, "where the exporter listens")
	flags.BoolVar(&o.windowsService, "windows-service", false, "run as a Windows service")
	if err := flags.Parse(long); err != nil {
		return options{}, fmt.Errorf("reading the command line: %w", err)
	}
	if o.config == "" {
		return o, nil
	}
	if _, err := os.Stat(o.config); err != nil {
		return options{}, fmt.Errorf("reading the configuration: %w", err)
	}
	return o, nil
}
