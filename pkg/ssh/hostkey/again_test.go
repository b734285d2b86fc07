package hostkey

import (
	"errors"
	"net"
	"testing"
)

func TestAConnectionThatExchangesItsKeysAnewStaysWithTheKeyThatWasBelieved(t *testing.T) {
	keys := newHostKeys(t)
	believed, other := keys.edwards.PublicKey(), keys.ecdsa.PublicKey()
	for sentence, policy := range map[string]Policy{
		"which was pinned":                          {Pins: []Pin{PinOf(believed), PinOf(other)}},
		"which was trusted when it was shown first": {FirstUse: &recorder{}},
	} {
		t.Run(sentence, func(t *testing.T) {
			check, err := policy.Check(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				if err := check.Key(address, &net.TCPAddr{}, believed); err != nil {
					t.Fatal(err)
				}
			}
			mismatch := (*MismatchError)(nil)
			if err := check.Key(address, &net.TCPAddr{}, other); !errors.As(err, &mismatch) {
				t.Errorf("got %v", err)
			}
			if pin, _ := check.Believed(); pin != PinOf(believed) {
				t.Errorf("it is %v that is believed", pin)
			}
		})
	}
}
