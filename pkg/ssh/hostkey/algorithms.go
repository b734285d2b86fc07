package hostkey

import "golang.org/x/crypto/ssh"

// plainTypes are the types of host keys that are believed, in the order in which hosts are asked for them. DSA is left
// out: it has 1024 bits only, and OpenSSH dropped it in version 10.
func plainTypes() []string {
	return []string{ssh.KeyAlgoED25519, ssh.KeyAlgoECDSA256, ssh.KeyAlgoECDSA384, ssh.KeyAlgoECDSA521, ssh.KeyAlgoRSA}
}

// plainAlgorithms are the signatures to accept from a key of a type. RSA signs with SHA-2 only, see RFC 8332.
func plainAlgorithms(keyType string) []string {
	if keyType == ssh.KeyAlgoRSA {
		return []string{ssh.KeyAlgoRSASHA512, ssh.KeyAlgoRSASHA256}
	}
	return []string{keyType}
}

// certificateAlgorithms are the signatures to accept from a host that has a certificate.
func certificateAlgorithms() []string {
	return []string{
		ssh.CertAlgoED25519v01, ssh.CertAlgoECDSA256v01, ssh.CertAlgoECDSA384v01, ssh.CertAlgoECDSA521v01,
		ssh.CertAlgoRSASHA512v01, ssh.CertAlgoRSASHA256v01,
	}
}
