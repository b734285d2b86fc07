package manifest

import (
	"bytes"
	"encoding/binary"
	"errors"
	"unicode/utf16"
)

// Byte order marks. PowerShell's redirection writes UTF-16 with one.
const (
	markUTF8    = "\xef\xbb\xbf"
	markUTF16LE = "\xff\xfe"
	markUTF16BE = "\xfe\xff"
)

var errOddUTF16 = errors.New("it begins as UTF-16 does and has an odd number of bytes")

// toUTF8 is the text of a file as UTF-8 without a byte order mark.
func toUTF8(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte(markUTF8)):
		return data[len(markUTF8):], nil
	case bytes.HasPrefix(data, []byte(markUTF16LE)):
		return fromUTF16(data[len(markUTF16LE):], binary.LittleEndian)
	case bytes.HasPrefix(data, []byte(markUTF16BE)):
		return fromUTF16(data[len(markUTF16BE):], binary.BigEndian)
	default:
		return data, nil
	}
}

func fromUTF16(data []byte, order binary.ByteOrder) ([]byte, error) {
	if len(data)%2 != 0 {
		return nil, errOddUTF16
	}
	units := make([]uint16, len(data)/2)
	for i := range units {
		units[i] = order.Uint16(data[2*i:])
	}
	return []byte(string(utf16.Decode(units))), nil
}
