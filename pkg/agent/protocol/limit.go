package protocol

import (
	"bytes"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"
)

// maxValues is how many values a line of output may have: objects, lists, texts, numbers. A plan for as many resources as a
// desired state may have has half of that. A value of two bytes becomes a structure of two hundred, so that without a limit
// a host that has been taken over could make gigabytes of one line.
const maxValues = 1 << 17

// checkValues refuses a line with too many values. Whether it is JSON is for the decoder to say, which does not come farther.
func checkValues(line []byte) error {
	decoder := jsontext.NewDecoder(bytes.NewBuffer(line), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	for count := 0; count <= maxValues; {
		token, err := decoder.ReadToken()
		if err != nil {
			return nil //nolint:nilerr // It ends here, for whatever reason.
		}
		if kind := token.Kind(); kind != jsontext.KindEndObject && kind != jsontext.KindEndArray && !namesNext(decoder) {
			count++
		}
	}
	return fmt.Errorf("it has more than %d values", maxValues)
}

// namesNext tells whether what was read last is the name of what comes next.
func namesNext(decoder *jsontext.Decoder) bool {
	within, length := decoder.StackIndex(decoder.StackDepth())
	return within == jsontext.KindBeginObject && length%2 == 1
}
