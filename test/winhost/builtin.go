package winhost

import (
	"bytes"
	"errors"
)

// Wine tells DLLs of its own by these words behind the DOS header, and loads them only under their own names.
const (
	builtinMark   = "Wine builtin DLL"
	builtinOffset = 0x40
	builtinSize   = 32
)

// setBuiltin sets or removes the mark in the content of a DLL.
func setBuiltin(dll []byte, builtin bool) error {
	if len(dll) < builtinOffset+builtinSize || !bytes.HasPrefix(dll, []byte("MZ")) {
		return errors.New("it is no DLL")
	}
	place := dll[builtinOffset : builtinOffset+builtinSize]
	clear(place)
	if builtin {
		copy(place, builtinMark)
	}
	return nil
}
