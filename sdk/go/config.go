package lockflight

import (
	"encoding"
	"fmt"
	"math"
	"reflect"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// Checked is a config that has more to say than its types do.
type Checked interface {
	// Problems are what is wrong with values that are each of the right type, such as two bounds in the wrong order.
	Problems() Problems
}

// DecodeConfig reads a JSON object into a struct and answers all that is wrong with it. Stages do so by themselves.
//
// Fields are named by their json tags. The tag lockflight says more, separated by commas: `optional`; `default=3`; `min=0`, `max=1`
// (of numbers) and `above=0`; `oneof=a|b` (of texts); `nonempty` (of texts, lists and maps). A field that has neither `optional` nor
// a default, and is no pointer, has to be there. Keys without a field are problems.
//
// Fields may be strings, bools, ints, float64s, structs, pointers, slices, maps with strings as keys, and what reads itself from a
// text by encoding.TextUnmarshaler.
func DecodeConfig(text string, into any) Problems {
	tree, err := parseJSON(text)
	if err != nil {
		return Problems{ConfigProblem("", "it is no JSON: %v", err)}
	}
	var in decoding
	in.value(tree, reflect.ValueOf(into).Elem(), "", rules{})
	if checked, ok := into.(Checked); ok && len(in.problems) == 0 {
		in.problems = append(in.problems, checked.Problems()...)
	}
	return in.problems
}

// rules are what a tag says.
type rules struct {
	optional, nonempty bool
	fallback           *string
	min, max, above    *float64
	oneOf              []string
}

func parseRules(tag string) (made rules) {
	if tag == "" {
		return made
	}
	for _, word := range strings.Split(tag, ",") {
		key, value, _ := strings.Cut(word, "=")
		switch key {
		case "optional":
			made.optional = true
		case "nonempty":
			made.nonempty = true
		case "default":
			made.fallback = &value
		case "min", "max", "above":
			bound, err := strconv.ParseFloat(value, 64)
			if err != nil {
				panic(fmt.Sprintf("the tag `lockflight:%q` has a bound that is no number", tag))
			}
			*map[string]**float64{"min": &made.min, "max": &made.max, "above": &made.above}[key] = &bound
		case "oneof":
			made.oneOf = strings.Split(value, "|")
		default:
			panic(fmt.Sprintf("the tag `lockflight:%q` has an unknown word %q", tag, key))
		}
	}
	return made
}

type decoding struct{ problems Problems }

func (d *decoding) complain(pointer, format string, arguments ...any) {
	d.problems = append(d.problems, ConfigProblem(pointer, format, arguments...))
}

// kindOf names a JSON value for a person.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "true or false"
	case digits:
		return "a number"
	case string:
		return "a text"
	case []any:
		return "a list"
	}
	return "an object"
}

// wanted names a Go type for a person.
func wanted(kind reflect.Kind) string {
	switch kind {
	case reflect.String:
		return "a text"
	case reflect.Bool:
		return "true or false"
	case reflect.Float64:
		return "a number"
	case reflect.Slice:
		return "a list"
	case reflect.Struct, reflect.Map:
		return "an object"
	}
	return "a whole number"
}

func (d *decoding) value(from any, into reflect.Value, pointer string, rules rules) {
	if reader, ok := into.Addr().Interface().(encoding.TextUnmarshaler); ok {
		text, isText := from.(string)
		if !isText {
			d.complain(pointer, "it has to be a text, not %s", kindOf(from))
		} else if err := reader.UnmarshalText([]byte(text)); err != nil {
			d.complain(pointer, "%v", err)
		}
		return
	}
	switch into.Kind() {
	case reflect.Pointer:
		into.Set(reflect.New(into.Type().Elem()))
		d.value(from, into.Elem(), pointer, rules)
		return
	case reflect.Struct:
		if object, ok := from.(map[string]any); ok {
			d.object(object, into, pointer)
			return
		}
	case reflect.Map:
		if object, ok := from.(map[string]any); ok {
			d.entries(object, into, pointer, rules)
			return
		}
	case reflect.Slice:
		if list, ok := from.([]any); ok {
			if rules.nonempty && len(list) == 0 {
				d.complain(pointer, "the list is empty")
			}
			made := reflect.MakeSlice(into.Type(), len(list), len(list))
			for i, item := range list {
				d.value(item, made.Index(i), fmt.Sprintf("%s/%d", pointer, i), itemRules(rules))
			}
			into.Set(made)
			return
		}
	case reflect.String:
		if text, ok := from.(string); ok {
			into.SetString(text)
			d.text(text, pointer, rules)
			return
		}
	case reflect.Bool:
		if flag, ok := from.(bool); ok {
			into.SetBool(flag)
			return
		}
	default:
		if number, ok := from.(digits); ok {
			d.number(number, into, pointer, rules)
			return
		}
	}
	d.complain(pointer, "it has to be %s, not %s", wanted(into.Kind()), kindOf(from))
}

// itemRules are the rules that hold for each item of a list, or value of a map.
func itemRules(of rules) rules {
	return rules{min: of.min, max: of.max, above: of.above, oneOf: of.oneOf}
}

func (d *decoding) text(text, pointer string, rules rules) {
	if rules.nonempty && text == "" {
		d.complain(pointer, "the text is empty")
	}
	if rules.oneOf != nil && !slices.Contains(rules.oneOf, text) {
		problem := ConfigProblem(pointer, "%q is not one of `%s`", text, strings.Join(rules.oneOf, "`, `"))
		d.problems = append(d.problems, problem.Suggest(text, rules.oneOf))
	}
}

func (d *decoding) number(written digits, into reflect.Value, pointer string, rules rules) {
	number, err := strconv.ParseFloat(string(written), 64)
	if err != nil {
		d.complain(pointer, "%s does not fit into 64 bits", written)
		return
	}
	switch into.Kind() {
	case reflect.Float64:
		into.SetFloat(number)
	case reflect.Int, reflect.Int64, reflect.Int32:
		whole, err := strconv.ParseInt(string(written), 10, 64)
		if err != nil && number == math.Trunc(number) && math.Abs(number) <= 1<<53 {
			// 1e3 and 2.0 are whole numbers too.
			whole, err = int64(number), nil
		}
		if err != nil || into.OverflowInt(whole) {
			d.complain(pointer, "%s is no whole number of %d bits", written, into.Type().Bits())
			return
		}
		into.SetInt(whole)
	default:
		panic(fmt.Sprintf("a config can't have a field of type %s", into.Type()))
	}
	switch {
	case rules.min != nil && number < *rules.min:
		d.complain(pointer, "%s is out of range; it has to be at least %g", written, *rules.min)
	case rules.max != nil && number > *rules.max:
		d.complain(pointer, "%s is out of range; it has to be at most %g", written, *rules.max)
	case rules.above != nil && number <= *rules.above:
		d.complain(pointer, "%s is out of range; it has to be above %g", written, *rules.above)
	}
}

func (d *decoding) entries(object map[string]any, into reflect.Value, pointer string, rules rules) {
	if rules.nonempty && len(object) == 0 {
		d.complain(pointer, "the object is empty")
	}
	made := reflect.MakeMapWithSize(into.Type(), len(object))
	for _, key := range sorted(object) {
		element := reflect.New(into.Type().Elem()).Elem()
		d.value(object[key], element, below(pointer, key), itemRules(rules))
		made.SetMapIndex(reflect.ValueOf(key), element)
	}
	into.Set(made)
}

func (d *decoding) object(object map[string]any, into reflect.Value, pointer string) {
	var known []string
	for i := range into.NumField() {
		field := into.Type().Field(i)
		name, _, _ := strings.Cut(field.Tag.Get("json"), ",")
		if name == "" || name == "-" {
			continue
		}
		known = append(known, name)
		rules := parseRules(field.Tag.Get("lockflight"))
		value, given := object[name]
		switch {
		case given:
			d.value(value, into.Field(i), below(pointer, name), rules)
		case rules.fallback != nil:
			d.fallback(*rules.fallback, into.Field(i))
		case !rules.optional && field.Type.Kind() != reflect.Pointer:
			d.complain(pointer, "`%s` is missing; it has to be %s", name, wanted(field.Type.Kind()))
		case field.Type.Kind() == reflect.Struct:
			// Its own defaults hold.
			d.object(nil, into.Field(i), below(pointer, name))
		}
	}
	for _, key := range sorted(object) {
		if !slices.Contains(known, key) {
			problem := ConfigProblem(below(pointer, key), "there is no key `%s`", key)
			d.problems = append(d.problems, problem.Suggest(key, known))
		}
	}
}

// fallback sets a default, which is a text as it stands and JSON otherwise.
func (d *decoding) fallback(text string, into reflect.Value) {
	if into.Kind() == reflect.String {
		into.SetString(text)
		return
	}
	var in decoding
	tree, err := parseJSON(text)
	if err == nil {
		in.value(tree, into, "", rules{})
		err = in.problems.AsError()
	}
	if err != nil {
		panic(fmt.Sprintf("the default %q does not fit a field of type %s: %v", text, into.Type(), err))
	}
}

// below is a JSON pointer one step further down (RFC 6901).
func below(pointer, key string) string {
	return pointer + "/" + strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

func sorted(object map[string]any) []string {
	keys := make([]string, 0, len(object))
	for key := range object {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	return keys
}
