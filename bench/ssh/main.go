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
	"io"
	"os"

	"github.com/mullion-dev/mullion/bench/internal/program"
	"github.com/mullion-dev/mullion/pkg/ssh/sshtest"
)

func main() { program.Main("ssh", run) }

func run(ctx context.Context, flags *flag.FlagSet, args []string, out io.Writer) (err error) {
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
	if err := printTable(out, contenders, rates); err != nil {
		return err
	}
	traffic, err := scene.unchanged(ctx)
	if err != nil {
		return err
	}
	return printTraffic(out, traffic)
}
