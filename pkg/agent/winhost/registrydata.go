package winhost

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode/utf16"

	"github.com/mullion-dev/mullion/pkg/agent/state"
)

// Types of values, as Windows numbers them. See https://learn.microsoft.com/windows/win32/sysinfo/registry-value-types.
const (
	kindString      = 1 // REG_SZ
	kindExpand      = 2 // REG_EXPAND_SZ
	kindBinary      = 3 // REG_BINARY
	kindDWord       = 4 // REG_DWORD
	kindMultiString = 7 // REG_MULTI_SZ
	kindQWord       = 11
)

// decodeValue reads what the registry has stored. Nothing there keeps a text from lacking its end, or a number from having
// three bytes: what would not be written again byte by byte is not taken for what its type says.
func decodeValue(kind uint32, raw []byte) state.RegistryData {
	data := state.RegistryData{}
	switch kind {
	case kindString:
		data = state.RegistryData{Type: state.RegistryString, Text: decodeText(raw)}
	case kindExpand:
		data = state.RegistryData{Type: state.RegistryExpand, Text: decodeText(raw)}
	case kindMultiString:
		data = state.RegistryData{Type: state.RegistryMultiString, Texts: decodeTexts(raw)}
	case kindDWord:
		data = state.RegistryData{Type: state.RegistryDWord, Number: decodeNumber(raw)}
	case kindQWord:
		data = state.RegistryData{Type: state.RegistryQWord, Number: decodeNumber(raw)}
	case kindBinary:
		data = state.RegistryData{Type: state.RegistryBinary, Bytes: raw}
	}
	if _, again, err := encodeValue(data); err != nil || !bytes.Equal(raw, again) {
		return state.RegistryData{Type: state.RegistryOther, Number: uint64(kind), Bytes: raw}
	}
	return data
}

// encodeValue is what the registry has to store.
func encodeValue(data state.RegistryData) (kind uint32, raw []byte, err error) {
	switch data.Type {
	case state.RegistryString:
		return kindString, encodeText(data.Text), nil
	case state.RegistryExpand:
		return kindExpand, encodeText(data.Text), nil
	case state.RegistryMultiString:
		for _, text := range data.Texts {
			raw = append(raw, encodeText(text)...)
		}
		return kindMultiString, append(raw, 0, 0), nil
	case state.RegistryDWord:
		number, err := narrow(data.Number)
		return kindDWord, binary.LittleEndian.AppendUint32(nil, number), err
	case state.RegistryQWord:
		return kindQWord, binary.LittleEndian.AppendUint64(nil, data.Number), nil
	case state.RegistryBinary:
		return kindBinary, data.Bytes, nil
	case state.RegistryOther:
		kind, err := narrow(data.Number)
		return kind, data.Bytes, err
	default:
		return 0, nil, fmt.Errorf("the type %q is unknown", data.Type)
	}
}

// betweenEnds copies data to where no zero is next to it. RegSetValueExW looks for the end of a text behind the data that it
// is given, and stores that as well if it is there: what has no end would get one, or not, by what is in memory. With less
// than two bytes it looks before the data too.
func betweenEnds(raw []byte) []byte {
	const end = "\xff\xff"
	framed := slices.Concat([]byte(end), raw, []byte(end))
	return framed[len(end) : len(end)+len(raw)]
}

// decodeText reads UTF-16 without the zero at its end.
func decodeText(raw []byte) string { return strings.TrimSuffix(wideText(raw), "\x00") }

// decodeTexts reads texts that each end with a zero, as the list does.
func decodeTexts(raw []byte) []string {
	list, ended := strings.CutSuffix(wideText(raw), "\x00")
	if !ended || list == "" {
		return nil
	}
	return strings.Split(strings.TrimSuffix(list, "\x00"), "\x00")
}

func wideText(raw []byte) string {
	wide := make([]uint16, len(raw)/2)
	for i := range wide {
		wide[i] = binary.LittleEndian.Uint16(raw[2*i:])
	}
	return string(utf16.Decode(wide))
}

func encodeText(text string) []byte {
	var raw []byte
	for _, unit := range append(utf16.Encode([]rune(text)), 0) {
		raw = binary.LittleEndian.AppendUint16(raw, unit)
	}
	return raw
}

// decodeNumber reads at most eight bytes, the least significant first.
func decodeNumber(raw []byte) uint64 {
	var padded [8]byte
	copy(padded[:], raw)
	return binary.LittleEndian.Uint64(padded[:])
}

func narrow(number uint64) (uint32, error) {
	if number > math.MaxUint32 {
		return 0, fmt.Errorf("%d does not fit into 32 bits", number)
	}
	return uint32(number), nil
}
