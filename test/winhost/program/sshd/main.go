//go:build windows

// Command sshd is the SSH server of a test host: a Windows service that answers as OpenSSH for Windows does, with
// public keys, commands through the default shell, and SFTP. Its host keys, and the keys it lets in, are where
// that one has them, and are read anew for every connection.
package main

import (
	"flag"
	"log"
	"os"
	"path/filepath"

	"golang.org/x/sys/windows/svc"

	"github.com/mullion-dev/mullion/test/winhost/guest"
)

func main() {
	listen := flag.String("listen", "127.0.0.1:0", "address to listen on")
	flag.Parse()

	file, err := os.OpenFile(filepath.Join(guest.LogFolder, "sshd.log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o644)
	if err != nil {
		log.Fatal(err)
	}
	log.SetOutput(file)
	if err := svc.Run("sshd", service{listen: *listen}); err != nil {
		log.Fatal(err)
	}
}

type service struct{ listen string }

// Execute serves until the service is stopped.
func (s service) Execute(_ []string, requests <-chan svc.ChangeRequest, status chan<- svc.Status) (bool, uint32) {
	status <- svc.Status{State: svc.StartPending}
	server, err := newServer(s.listen)
	if err != nil {
		log.Printf("starting: %v", err)
		return true, 1
	}
	ended := make(chan error, 1)
	go func() { ended <- server.serve() }()
	status <- svc.Status{State: svc.Running, Accepts: svc.AcceptStop | svc.AcceptShutdown}
	for {
		select {
		case request := <-requests:
			switch request.Cmd {
			case svc.Interrogate:
				status <- request.CurrentStatus
			case svc.Stop, svc.Shutdown:
				status <- svc.Status{State: svc.StopPending}
				server.close()
				return false, 0
			}
		case err := <-ended:
			log.Printf("serving: %v", err)
			return true, 2
		}
	}
}
