package winhost

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/windows"

	"github.com/mullion-dev/mullion/pkg/agent/host"
)

type certificates struct{}

var _ host.Certificates = certificates{}

func (certificates) HasCertificate(_ context.Context, digest string) (has bool, err error) {
	err = withRoots(func(store windows.Handle) error {
		return findCertificate(store, digest, func(*windows.CertContext) error {
			has = true
			return nil
		})
	})
	return has, err
}

func (certificates) AddCertificate(_ context.Context, der []byte) error {
	if len(der) == 0 {
		return errors.New("adding a certificate: it is empty")
	}
	return withRoots(func(store windows.Handle) error {
		certificate, err := windows.CertCreateCertificateContext(windows.X509_ASN_ENCODING, &der[0], uint32(len(der)))
		if err != nil {
			return failed(err, "reading a certificate")
		}
		defer func() { _ = windows.CertFreeCertificateContext(certificate) }() // It cannot go wrong.
		err = windows.CertAddCertificateContextToStore(store, certificate, windows.CERT_STORE_ADD_USE_EXISTING, nil)
		if err != nil {
			return failed(err, "adding a certificate")
		}
		return nil
	})
}

func (certificates) DeleteCertificate(_ context.Context, digest string) error {
	return withRoots(func(store windows.Handle) error {
		return findCertificate(store, digest, func(found *windows.CertContext) error {
			// Deleting frees what it is given, and the enumeration frees the original.
			if err := windows.CertDeleteCertificateFromStore(windows.CertDuplicateCertificateContext(found)); err != nil {
				return failed(err, "deleting certificate %s", digest)
			}
			return nil
		})
	})
}

// withRoots does something with the store LocalMachine\ROOT, of which it opens the part that is the machine's own. The
// whole has also what group policy brings, which is not ours to delete; and deleting from the whole does nothing in Wine.
func withRoots(do func(store windows.Handle) error) error {
	name, err := windows.UTF16PtrFromString(rootStore())
	if err != nil {
		return err
	}
	store, err := windows.CertOpenStore(windows.CERT_STORE_PROV_SYSTEM_REGISTRY_W, 0, 0,
		windows.CERT_SYSTEM_STORE_LOCAL_MACHINE, uintptr(unsafe.Pointer(name)))
	if err != nil {
		return failed(err, `opening the store LocalMachine\ROOT`)
	}
	err = do(store)
	if closing := windows.CertCloseStore(store, 0); err == nil && closing != nil {
		return failed(closing, `closing the store LocalMachine\ROOT`)
	}
	return err
}

// rootStore is the name of the store. Wine makes ROOT anew from the certificates of its Linux for each process, so that what
// one process adds is gone for the next one: there, a store of another name stands in for it.
func rootStore() string {
	if underWine() {
		return "MullionRoot"
	}
	return "ROOT"
}

// findCertificate calls a function with the certificate of that SHA-256, if it is there. The store cannot be asked by
// SHA-256 before Windows Server 2022, so all of them are looked at: a few hundred at most.
func findCertificate(store windows.Handle, digest string, found func(*windows.CertContext) error) error {
	wanted, err := hex.DecodeString(digest)
	if err != nil {
		return fmt.Errorf("reading the digest of a certificate: %w", err)
	}
	var certificate *windows.CertContext
	for {
		// Each call frees the one before, and the last one has none left to free.
		certificate, err = windows.CertEnumCertificatesInStore(store, certificate)
		if errors.Is(err, syscall.Errno(windows.CRYPT_E_NOT_FOUND)) {
			return nil
		}
		if err != nil {
			return failed(err, `listing the store LocalMachine\ROOT`)
		}
		sum := sha256.Sum256(unsafe.Slice(certificate.EncodedCert, certificate.Length))
		if bytes.Equal(sum[:], wanted) {
			err := found(certificate)
			_ = windows.CertFreeCertificateContext(certificate) // It cannot go wrong.
			return err
		}
	}
}
