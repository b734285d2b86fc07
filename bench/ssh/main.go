// Command ssh measures how fast files get to a host, beside the sftp of OpenSSH, and what reaching a host costs in
// traffic.
//
// Both upload the same file to the same server of OpenSSH, on the loopback interface and logging in anew each time, in
// turns. Ours also verifies what has arrived, which sftp does not: once as the agent does, where only the digest comes
// back, and once by reading the file back, which is how the agent itself gets there.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/signal"

	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:])
	stop()
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "ssh:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) (err error) {
	flags := flag.NewFlagSet("ssh", flag.ContinueOnError)
	rounds := flags.Int("rounds", 9, "turns that each contender takes")
	megabytes := flags.Int("size", 96, "size of the file, in MiB")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if *rounds < 1 || *megabytes < 1 {
		return errors.New("rounds and size must be positive")
	}
	scene, err := newScene(int64(*megabytes) << 20)
	if errors.Is(err, sshtest.ErrNoOpenSSH) {
		fmt.Fprintln(os.Stderr, "NOTHING WAS MEASURED OF SSH:", err)
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, scene.close()) }()
	contenders := scene.contenders()
	rates, err := measure(ctx, scene, contenders, *rounds)
	if err != nil {
		return err
	}
	if err := printTable(os.Stdout, contenders, rates); err != nil {
		return err
	}
	traffic, err := scene.unchanged(ctx)
	if err != nil {
		return err
	}
	return printTraffic(os.Stdout, traffic)
}
