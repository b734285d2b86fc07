package winhost_test

import (
	"testing"

	"github.com/pkg/sftp"

	"github.com/mullion-dev/mullion/test/winhost"
)

func TestAFullDiskTakesNothingUntilItHasRoomAgain(t *testing.T) {
	host := start(t, winhost.Options{DiskBytes: 96 << 20})
	client, err := sftp.NewClient(dial(t, host))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = client.Close() }()
	write := func() error {
		file, err := client.Create("C:/file")
		if err != nil {
			return err
		}
		defer func() { _ = file.Close() }()
		_, err = file.Write(make([]byte, 2<<20))
		return err
	}
	if err := host.FillDisk(1 << 20); err != nil {
		t.Fatal(err)
	}
	if err := write(); err == nil {
		t.Error("2 MiB fit into 1 MiB")
	}
	if err := host.FreeDisk(); err != nil {
		t.Fatal(err)
	}
	if err := write(); err != nil {
		t.Errorf("with room again: %v", err)
	}
	if err := host.Reboot(testContext(t)); err != nil {
		t.Fatal(err)
	}
	if content, err := host.ReadFile(`C:\file`); err != nil || len(content) != 2<<20 {
		t.Errorf("after a reboot the file has %d bytes: %v", len(content), err)
	}
}

func TestTheDiskOfThisMachineIsNotFilled(t *testing.T) {
	host := start(t, winhost.Options{})
	if err := host.FillDisk(0); err == nil {
		t.Error("it was")
	}
}
