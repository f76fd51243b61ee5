package lockflight

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// A digits is a number of a JSON document as it is written there.
type digits string

// parseJSON reads a JSON document (RFC 8259, at most 128 deep) as nil, bool, digits, string, []any and map[string]any. The reader of
// the standard library would make every plugin larger by two thirds.
func parseJSON(text string) (any, error) {
	in := jsonReader{text: text}
	value, err := in.value(0)
	if err == nil {
		in.space()
		if in.at < len(text) {
			err = errors.New("there is more behind the value")
		}
	}
	if err != nil {
		return nil, fmt.Errorf("%w, at byte %d", err, in.at)
	}
	return value, nil
}

type jsonReader struct {
	text string
	at   int
}

func (in *jsonReader) space() {
	for in.at < len(in.text) && strings.IndexByte(" \t\r\n", in.text[in.at]) >= 0 {
		in.at++
	}
}

// take steps over a character if it is the next one.
func (in *jsonReader) take(wanted byte) bool {
	in.space()
	if in.at == len(in.text) || in.text[in.at] != wanted {
		return false
	}
	in.at++
	return true
}

func (in *jsonReader) value(depth int) (any, error) {
	const deepest = 128
	if depth > deepest {
		return nil, errors.New("it is nested too deep")
	}
	in.space()
	if in.at == len(in.text) {
		return nil, errors.New("a value is missing")
	}
	switch c := in.text[in.at]; {
	case c == '{':
		return in.object(depth)
	case c == '[':
		return in.list(depth)
	case c == '"':
		return in.string()
	case c == '-' || c >= '0' && c <= '9':
		return in.number()
	}
	for word, value := range map[string]any{"true": true, "false": false, "null": nil} {
		if strings.HasPrefix(in.text[in.at:], word) {
			in.at += len(word)
			return value, nil
		}
	}
	return nil, errors.New("a value is no JSON")
}

func (in *jsonReader) list(depth int) (any, error) {
	in.at++
	made := []any{}
	if in.take(']') {
		return made, nil
	}
	for {
		item, err := in.value(depth + 1)
		if err != nil {
			return nil, err
		}
		made = append(made, item)
		if in.take(']') {
			return made, nil
		}
		if !in.take(',') {
			return nil, errors.New("a list does not end")
		}
	}
}

func (in *jsonReader) object(depth int) (any, error) {
	in.at++
	made := map[string]any{}
	if in.take('}') {
		return made, nil
	}
	for {
		in.space()
		key, err := in.string()
		if err != nil {
			return nil, err
		}
		if !in.take(':') {
			return nil, errors.New("a key lacks its colon")
		}
		if made[key], err = in.value(depth + 1); err != nil {
			return nil, err
		}
		if in.take('}') {
			return made, nil
		}
		if !in.take(',') {
			return nil, errors.New("an object does not end")
		}
	}
}

func (in *jsonReader) string() (string, error) {
	if in.at == len(in.text) || in.text[in.at] != '"' {
		return "", errors.New("a text is missing")
	}
	in.at++
	var made strings.Builder
	for in.at < len(in.text) {
		c := in.text[in.at]
		in.at++
		switch {
		case c == '"':
			return made.String(), nil
		case c < 0x20:
			return "", errors.New("a control character in a text has to be escaped")
		case c != '\\':
			made.WriteByte(c)
		default:
			letter, err := in.escape()
			if err != nil {
				return "", err
			}
			made.WriteRune(letter)
		}
	}
	return "", errors.New("a text does not end")
}

func (in *jsonReader) escape() (rune, error) {
	if in.at == len(in.text) {
		return 0, errors.New("a text does not end")
	}
	c := in.text[in.at]
	in.at++
	if c != 'u' {
		meant := strings.IndexByte(`"\/bfnrt`, c)
		if meant < 0 {
			return 0, errors.New("there is no such escape")
		}
		return rune("\"\\/\b\f\n\r\t"[meant]), nil
	}
	letter, err := in.unit()
	if err != nil || !utf16.IsSurrogate(letter) {
		return letter, err
	}
	if strings.HasPrefix(in.text[in.at:], `\u`) {
		in.at += 2
		low, err := in.unit()
		if whole := utf16.DecodeRune(letter, low); err == nil && whole != utf8.RuneError {
			return whole, nil
		}
	}
	return 0, errors.New("half of a surrogate pair is missing")
}

// unit reads the four digits of \u.
func (in *jsonReader) unit() (rune, error) {
	if in.at+4 > len(in.text) {
		return 0, errors.New("a text does not end")
	}
	value, err := strconv.ParseUint(in.text[in.at:in.at+4], 16, 16)
	if err != nil {
		return 0, errors.New(`\u wants four hexadecimal digits`)
	}
	in.at += 4
	return rune(value), nil
}

func (in *jsonReader) number() (any, error) {
	start := in.at
	count := func() int {
		first := in.at
		for in.at < len(in.text) && in.text[in.at] >= '0' && in.text[in.at] <= '9' {
			in.at++
		}
		return in.at - first
	}
	next := func(any string) bool {
		if in.at < len(in.text) && strings.IndexByte(any, in.text[in.at]) >= 0 {
			in.at++
			return true
		}
		return false
	}
	next("-")
	fine := next("0") || count() > 0
	if next(".") {
		fine = count() > 0 && fine
	}
	if next("eE") {
		next("+-")
		fine = count() > 0 && fine
	}
	if !fine {
		return nil, errors.New("a number lacks digits")
	}
	return digits(in.text[start:in.at]), nil
}
