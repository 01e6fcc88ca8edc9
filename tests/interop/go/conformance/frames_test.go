package conformance

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

var formats = map[string]backend.DataFrameFormat{
	"Arrow": backend.DataFrameFormat_ARROW,
	"JSON":  backend.DataFrameFormat_JSON,
}

const startNs = 1_700_000_000_000_000_007

// everyType is what the kitchen sink says in frames.ts, made with Grafana's SDK.
func everyType() *data.Frame {
	start := time.Unix(0, startNs).UTC()
	before := time.Unix(0, -1).UTC()
	frame := data.NewFrame("every type ✓",
		data.NewField("time", nil, []*time.Time{&start, nil, &before}),
		data.NewField("int8", nil, []int8{-128, 0, 127}),
		data.NewField("int16", nil, []*int16{new(int16(-32768)), nil, new(int16(32767))}),
		data.NewField("int32", nil, []int32{math.MinInt32, 0, math.MaxInt32}),
		data.NewField("int64", nil, []*int64{new(int64(math.MinInt64)), nil, new(int64(math.MaxInt64))}),
		data.NewField("uint8", nil, []uint8{0, 1, 255}),
		data.NewField("uint16", nil, []uint16{0, 1, 65535}),
		data.NewField("uint32", nil, []*uint32{new(uint32(0)), nil, new(uint32(math.MaxUint32))}),
		data.NewField("uint64", nil, []uint64{0, 1, math.MaxUint64}),
		data.NewField("float32", nil, []*float32{new(float32(0.5)), nil, new(float32(-1.25))}),
		data.NewField("float64", data.Labels{"host": "a", "ünïcode": "✓"},
			[]float64{math.NaN(), math.Inf(1), math.Inf(-1)}),
		data.NewField("string", nil, []*string{new(""), nil, new("smörgås 🥪")}),
		data.NewField("bool", nil, []*bool{new(true), nil, new(false)}),
		data.NewField("json", nil,
			[]json.RawMessage{json.RawMessage(`{"a":[1]}`), json.RawMessage(`"text"`), json.RawMessage(`3`)}),
		data.NewField("enum", nil, []*data.EnumItemIndex{new(data.EnumItemIndex(0)), nil, new(data.EnumItemIndex(1))}),
	)
	frame.Fields[10].Config = (&data.FieldConfig{
		DisplayName: "D", Unit: "ms", NoValue: "-",
	}).SetDecimals(2).SetMin(0)
	frame.Fields[14].Config = &data.FieldConfig{
		TypeConfig: &data.FieldTypeConfig{Enum: &data.EnumFieldConfig{Text: []string{"low", "high"}}},
	}
	frame.RefID = "A"
	frame.Meta = &data.FrameMeta{
		Type: data.FrameTypeTable, TypeVersion: data.FrameTypeVersion{0, 1},
		Custom:                 map[string]any{"deep": []any{1.0, map[string]any{"er": true}}},
		Notices:                []data.Notice{{Severity: data.NoticeSeverityWarning, Text: "mind the gap"}},
		ExecutedQueryString:    "SELECT 1",
		PreferredVisualization: data.VisTypeTable,
	}
	return frame
}

func TestFramesOfEveryTypeInBothFormats(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	for name, format := range formats {
		t.Run(name, func(t *testing.T) {
			response, err := p.request(soon(t), &backend.QueryDataRequest{
				PluginContext: datasource(kitchenSink, "{}"), Format: format,
				Queries: []backend.DataQuery{query("A", `{"kind": "every-type"}`)},
			})
			if err != nil {
				t.Fatal(err)
			}
			frames := single(t, response).Frames
			if diff := cmp.Diff(data.Frames{everyType()}, frames, data.FrameTestCompareOptions()...); diff != "" {
				t.Errorf("the frame is another one (- wanted, + got):\n%s", diff)
			}
		})
	}
}

func TestTheAnswerSaysWhichFormatItIsIn(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	for name, format := range formats {
		request := &backend.QueryDataRequest{
			PluginContext: datasource(kitchenSink, "{}"), Format: format,
			Queries: []backend.DataQuery{query("A", `{"kind": "line"}`), query("B", `{"kind": "throw"}`)},
		}
		answer, err := p.Data.QueryData(soon(t), backend.ToProto().QueryDataRequest(request))
		if err != nil {
			t.Fatal(err)
		}
		for refID, response := range answer.Responses {
			if int32(response.Format) != int32(format) {
				t.Errorf("%s: query %s is answered in format %v", name, refID, response.Format)
			}
		}
	}
}

func TestEmptyFramesAndNoFrames(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	for name, format := range formats {
		response, err := p.request(soon(t), &backend.QueryDataRequest{
			PluginContext: datasource(kitchenSink, "{}"), Format: format,
			Queries: []backend.DataQuery{query("A", `{"kind": "line", "points": 0}`), query("B", `{"kind": "nothing"}`)},
		})
		if err != nil {
			t.Fatal(err)
		}
		frames := response.Responses["A"].Frames
		if len(frames) != 1 || frames[0].Rows() != 0 || len(frames[0].Fields) != 2 {
			t.Errorf("%s: the frame without rows is %v", name, frames)
		} else if kind := frames[0].Fields[0].Type(); kind != data.FieldTypeTime {
			t.Errorf("%s: the field time is of type %v", name, kind)
		}
		if b := response.Responses["B"]; len(b.Frames) != 0 || b.Error != nil || b.Status != 200 {
			t.Errorf("%s: the answer without frames is %v", name, b)
		}
	}
}
