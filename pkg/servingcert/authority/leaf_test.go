package authority

import (
	"crypto/x509"
	"testing"
	"time"
)

func TestALeafVerifiesAgainstItsCAAndNoOther(t *testing.T) {
	ca, other := testCA(t, epoch), testCA(t, epoch)
	leaf, err := ca.IssueLeaf([]string{"webhook.ns.svc", "webhook.ns.svc.cluster.local"}, epoch, 6*day, 10*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"webhook.ns.svc", "webhook.ns.svc.cluster.local"} {
		for _, at := range []time.Time{epoch.Add(-9 * time.Minute), epoch, epoch.Add(6*day - time.Second)} {
			if err := verify(leaf.Leaf, ca, name, at); err != nil {
				t.Errorf("for %s at %s: %v", name, at, err)
			}
		}
	}
	if err := verify(leaf.Leaf, other, "webhook.ns.svc", epoch); err == nil {
		t.Error("verified against a CA that did not sign it")
	}
	if err := verify(leaf.Leaf, ca, "other.ns.svc", epoch); err == nil {
		t.Error("verified for a name that it was not issued for")
	}
}

func TestALeafNeverOutlivesItsCA(t *testing.T) {
	ca := testCA(t, epoch)
	leaf, err := ca.IssueLeaf([]string{"a.test"}, epoch.Add(89*day), 6*day, 10*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if !leaf.Leaf.NotAfter.Equal(ca.Certificate.NotAfter) {
		t.Errorf("leaf ends %s, CA %s", leaf.Leaf.NotAfter, ca.Certificate.NotAfter)
	}
}

func TestACAMaySignLeavesOnly(t *testing.T) {
	c := testCA(t, epoch).Certificate
	if !c.IsCA || !c.MaxPathLenZero || c.KeyUsage != x509.KeyUsageCertSign || len(c.ExtKeyUsage) != 0 {
		t.Errorf("isCA=%t maxPathLenZero=%t keyUsage=%b", c.IsCA, c.MaxPathLenZero, c.KeyUsage)
	}
}

func verify(leaf *x509.Certificate, ca *CA, name string, at time.Time) error {
	roots := x509.NewCertPool()
	roots.AddCert(ca.Certificate)
	_, err := leaf.Verify(x509.VerifyOptions{Roots: roots, DNSName: name, CurrentTime: at})
	return err
}
