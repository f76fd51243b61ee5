package lockflight

import (
	"errors"
	"strings"
	"testing"
)

type level string

func (l *level) UnmarshalText(text []byte) error {
	if len(text) != 1 {
		return errors.New("a level is one letter")
	}
	*l = level(text)
	return nil
}

type inner struct {
	Width int `json:"width" lockflight:"min=1,default=8"`
}

type sample struct {
	Column  string             `json:"column" lockflight:"nonempty"`
	Method  string             `json:"method" lockflight:"default=mad,oneof=mad|iqr"`
	Share   float64            `json:"share" lockflight:"default=0.5,min=0,max=1"`
	Count   *int               `json:"count" lockflight:"above=0"`
	Names   []string           `json:"names" lockflight:"optional,nonempty"`
	Weights map[string]float64 `json:"weights" lockflight:"optional,min=0"`
	Inner   inner              `json:"inner" lockflight:"optional"`
	Parts   []inner            `json:"parts" lockflight:"optional"`
	Level   level              `json:"level" lockflight:"optional"`
	Strict  bool               `json:"strict" lockflight:"optional"`
}

func (s *sample) Problems() Problems {
	if s.Column == s.Method {
		return Problems{ConfigProblem("/column", "it is the method")}
	}
	return nil
}

func TestConfigsAreReadWithDefaults(t *testing.T) {
	var read sample
	problems := DecodeConfig(`{"column": "a\u00e9\ud83d\ude00\n", "count": 2e0, "weights": {"x": 1.5}, "parts": [{}, {"width": 3}],
		"level": "w", "strict": true}`, &read)
	if problems != nil {
		t.Fatal(problems)
	}
	if read.Column != "aé😀\n" || read.Method != "mad" || read.Share != 0.5 || *read.Count != 2 || read.Weights["x"] != 1.5 ||
		read.Inner.Width != 8 || read.Parts[0].Width != 8 || read.Parts[1].Width != 3 || read.Level != "w" || !read.Strict {
		t.Fatalf("%+v", read)
	}
}

func TestProblemsNameTheirPlace(t *testing.T) {
	for text, expected := range map[string]string{
		`{}`:                                       "`column` is missing; it has to be a text",
		`{"column": 1}`:                            "/column: it has to be a text, not a number",
		`{"column": ""}`:                           "/column: the text is empty",
		`{"column": "mad"}`:                        "/column: it is the method",
		`{"column": "a", "method": "mda"}`:         "/method: \"mda\" is not one of `mad`, `iqr`",
		`{"column": "a", "share": 1.5}`:            "/share: 1.5 is out of range; it has to be at most 1",
		`{"column": "a", "share": -1}`:             "/share: -1 is out of range; it has to be at least 0",
		`{"column": "a", "share": 1e999}`:          "/share: 1e999 does not fit into 64 bits",
		`{"column": "a", "count": 0}`:              "/count: 0 is out of range; it has to be above 0",
		`{"column": "a", "count": 1.5}`:            "/count: 1.5 is no whole number of 64 bits",
		`{"column": "a", "names": []}`:             "/names: the list is empty",
		`{"column": "a", "names": ["b", 1]}`:       "/names/1: it has to be a text, not a number",
		`{"column": "a", "weights": {"a/b": -1}}`:  "/weights/a~1b: -1 is out of range; it has to be at least 0",
		`{"column": "a", "parts": [{"width": 0}]}`: "/parts/0/width: 0 is out of range; it has to be at least 1",
		`{"column": "a", "parts": [null]}`:         "/parts/0: it has to be an object, not null",
		`{"column": "a", "level": "ww"}`:           "/level: a level is one letter",
		`{"column": "a", "strict": "yes"}`:         "/strict: it has to be true or false, not a text",
		`{"column": "a", "naems": ["b"]}`:          "/naems: there is no key `naems`",
		`[]`:                                       "it has to be an object, not a list",
		`{"column": `:                              "it is no JSON: a value is missing, at byte 11",
	} {
		var read sample
		if got := DecodeConfig(text, &read).Error(); got != expected {
			t.Errorf("%s\nis        %s\nshould be %s", text, got, expected)
		}
	}
}

func TestMisspeltKeysAndWordsGetASuggestion(t *testing.T) {
	var read sample
	problems := DecodeConfig(`{"colunm": "a", "method": "mda"}`, &read)
	var help []string
	for _, problem := range problems {
		help = append(help, problem.Help)
	}
	if got := strings.Join(help, "|"); got != `|did you mean "mad"?|did you mean "column"?` {
		t.Fatal(got)
	}
}

func TestBrokenJSONIsRefused(t *testing.T) {
	for _, text := range []string{``, `{`, `[1,]`, `{"a" 1}`, `{"a": 1,}`, `"a`, "\"\n\"", `"\x"`, `"\ud800"`, `"\u12"`, `01`, `-`, `1.`,
		`1e`, `tru`, `1 2`, strings.Repeat("[", 200)} {
		if value, err := parseJSON(text); err == nil {
			t.Errorf("%q was read as %v", text, value)
		}
	}
}

func FuzzJSONNeverPanics(f *testing.F) {
	f.Add(`{"a": [1, "\ud83d\ude00", null, true, -1.5e-3]}`)
	f.Fuzz(func(t *testing.T, text string) { _, _ = parseJSON(text) })
}
