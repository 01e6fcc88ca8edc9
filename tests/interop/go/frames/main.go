// The Go side of the frame interop tests: grafana-plugin-sdk-go's own codecs, driven over stdin and stdout.
//
//	frames decode          reads records (length, Arrow file, length, frame JSON) and says what it found in both
//	frames series          reads records (length, Arrow file) of long series and converts them
//	frames generate S N    prints N frames made from seed S in both encodings
//
// Each answer is one JSON line. What a frame holds is dumped value by value without any of the codecs under test.
package main

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"strconv"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

type fieldDump struct {
	Name   string            `json:"name"`
	Type   string            `json:"type"`
	Labels *data.Labels      `json:"labels"`
	Config *data.FieldConfig `json:"config"`
	Values []string          `json:"values"`
}

type frameDump struct {
	Name   string          `json:"name"`
	RefID  string          `json:"refId"`
	Meta   *data.FrameMeta `json:"meta"`
	Fields []fieldDump     `json:"fields"`
}

type answer struct {
	Error     string          `json:"error,omitempty"`
	FromArrow *frameDump      `json:"fromArrow,omitempty"`
	FromJSON  *frameDump      `json:"fromJson,omitempty"`
	Dump      *frameDump      `json:"dump,omitempty"`
	Arrow     string          `json:"arrow,omitempty"`
	JSON      json.RawMessage `json:"json,omitempty"`
}

func main() {
	out := json.NewEncoder(os.Stdout)
	out.SetEscapeHTML(false)
	switch {
	case len(os.Args) == 2 && os.Args[1] == "decode":
		decodeAll(out)
	case len(os.Args) == 2 && os.Args[1] == "series":
		convertAll(out)
	case len(os.Args) == 4 && os.Args[1] == "generate":
		seed, err := strconv.ParseUint(os.Args[2], 10, 64)
		must(err)
		count, err := strconv.Atoi(os.Args[3])
		must(err)
		make := newMaker(seed)
		for range count {
			must(out.Encode(encoded(make.frame())))
		}
	default:
		must(errors.New("usage: frames decode | frames series | frames generate SEED COUNT"))
	}
}

func decodeAll(out *json.Encoder) {
	in := bufio.NewReader(os.Stdin)
	for {
		arrow, err := record(in)
		if errors.Is(err, io.EOF) {
			return
		}
		must(err)
		text, err := record(in)
		must(err)
		must(out.Encode(decoded(arrow, text)))
	}
}

func record(in io.Reader) ([]byte, error) {
	var length uint32
	if err := binary.Read(in, binary.LittleEndian, &length); err != nil {
		return nil, err
	}
	content := make([]byte, length)
	_, err := io.ReadFull(in, content)
	return content, err
}

func decoded(arrow, text []byte) (found answer) {
	defer func() {
		if trouble := recover(); trouble != nil {
			found = answer{Error: fmt.Sprint("panic: ", trouble)}
		}
	}()
	fromArrow, err := data.UnmarshalArrowFrame(arrow)
	if err != nil {
		return answer{Error: "arrow: " + err.Error()}
	}
	var fromJSON data.Frame
	if err := json.Unmarshal(text, &fromJSON); err != nil {
		return answer{Error: "json: " + err.Error()}
	}
	found = encoded(fromArrow)
	found.FromArrow = found.Dump
	found.Dump = nil
	found.FromJSON = dump(&fromJSON)
	return found
}

func encoded(frame *data.Frame) answer {
	arrow, err := frame.MarshalArrow()
	if err != nil {
		return answer{Error: "marshal arrow: " + err.Error()}
	}
	text, err := data.FrameToJSON(frame, data.IncludeAll)
	if err != nil {
		return answer{Error: "marshal json: " + err.Error()}
	}
	return answer{Dump: dump(frame), Arrow: base64.StdEncoding.EncodeToString(arrow), JSON: text}
}

func dump(frame *data.Frame) *frameDump {
	d := &frameDump{Name: frame.Name, RefID: frame.RefID, Meta: frame.Meta, Fields: []fieldDump{}}
	for _, field := range frame.Fields {
		f := fieldDump{Name: field.Name, Type: field.Type().ItemTypeString(), Config: field.Config, Values: []string{}}
		if field.Labels != nil {
			f.Labels = &field.Labels
		}
		for row := range field.Len() {
			f.Values = append(f.Values, show(field, row))
		}
		d.Fields = append(d.Fields, f)
	}
	return d
}

// show gives bits for floats, so that NaN and the sign of zero can be told, and Unix nanoseconds for times.
func show(field *data.Field, row int) string {
	value, ok := field.ConcreteAt(row)
	if !ok {
		return "null"
	}
	switch v := value.(type) {
	case float32:
		if math.IsNaN(float64(v)) {
			return "NaN"
		}
		return strconv.FormatUint(uint64(math.Float32bits(v)), 16)
	case float64:
		if math.IsNaN(v) {
			return "NaN"
		}
		return strconv.FormatUint(math.Float64bits(v), 16)
	case time.Time:
		return strconv.FormatInt(v.UnixNano(), 10)
	case string:
		return strconv.Quote(base64.StdEncoding.EncodeToString([]byte(v)))
	case json.RawMessage:
		var compact bytes.Buffer
		if len(v) == 0 {
			return "null"
		}
		must(json.Compact(&compact, v))
		return compact.String()
	default:
		return fmt.Sprint(v)
	}
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
