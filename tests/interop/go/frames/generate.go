package main

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/data"
)

// maker makes frames of every type, with labels, config and meta now and then.
type maker struct{ *rand.Rand }

func newMaker(seed uint64) maker { return maker{rand.New(rand.NewPCG(seed, 1))} }

func (m maker) frame() *data.Frame {
	frame := data.NewFrame(m.text())
	if m.coin() {
		frame.RefID = "A"
	}
	if m.coin() {
		frame.Meta = m.meta()
	}
	rows := m.IntN(12)
	for range m.IntN(7) {
		field := m.field(rows)
		if m.coin() {
			field.Labels = data.Labels{}
			for range m.IntN(3) {
				field.Labels[m.text()] = m.text()
			}
		}
		if field.Config == nil && m.coin() {
			field.Config = m.config()
		}
		frame.Fields = append(frame.Fields, field)
	}
	return frame
}

func (m maker) coin() bool { return m.IntN(2) == 0 }

var alphabet = []rune("aZ09 \"\\\n\x00<>&é日😀\u2028\ufffd__proto__")

func (m maker) text() string {
	runes := make([]rune, m.IntN(8))
	for i := range runes {
		runes[i] = alphabet[m.IntN(len(alphabet))]
	}
	return string(runes)
}

func (m maker) some() string { return "x" + m.text() }

func column[T any](m maker, rows int, value func() T) *data.Field {
	plain := make([]T, rows)
	for i := range plain {
		plain[i] = value()
	}
	if m.coin() {
		return data.NewField(m.text(), nil, plain)
	}
	nullable := make([]*T, rows)
	for i := range nullable {
		if m.coin() {
			nullable[i] = &plain[i]
		}
	}
	return data.NewField(m.text(), nil, nullable)
}

func (m maker) float() float64 {
	special := []float64{0, math.Copysign(0, -1), 1, -1.5, math.NaN(), math.Inf(1), math.Inf(-1),
		math.MaxFloat64, math.SmallestNonzeroFloat64, 1 << 53, 1e21, 0.1}
	if m.coin() {
		return special[m.IntN(len(special))]
	}
	return m.NormFloat64() * 1e6
}

func (m maker) bits() uint64 {
	special := []uint64{0, 1, math.MaxInt64, 1 << 63, math.MaxUint64, 1<<53 + 1, 255, 65535}
	if m.coin() {
		return special[m.IntN(len(special))]
	}
	return m.Uint64() >> m.IntN(64)
}

func (m maker) raw() json.RawMessage {
	texts := []string{`{"a":1}`, `[1,"b",null,true]`, `"é\n"`, `12345678901234567890`, `{"__proto__":{"x":1.5}}`, `false`, `{}`}
	return json.RawMessage(texts[m.IntN(len(texts))])
}

func (m maker) field(rows int) *data.Field {
	switch m.IntN(15) {
	case 0:
		return column(m, rows, func() int8 { return int8(m.bits()) })
	case 1:
		return column(m, rows, func() int16 { return int16(m.bits()) })
	case 2:
		return column(m, rows, func() int32 { return int32(m.bits()) })
	case 3:
		return column(m, rows, func() int64 { return int64(m.bits()) })
	case 4:
		return column(m, rows, func() uint8 { return uint8(m.bits()) })
	case 5:
		return column(m, rows, func() uint16 { return uint16(m.bits()) })
	case 6:
		return column(m, rows, func() uint32 { return uint32(m.bits()) })
	case 7:
		return column(m, rows, m.bits)
	case 8:
		return column(m, rows, func() float32 { return float32(m.float()) })
	case 9:
		return column(m, rows, m.float)
	case 10:
		return column(m, rows, m.text)
	case 11:
		return column(m, rows, m.coin)
	case 12:
		return column(m, rows, func() time.Time { return time.Unix(0, int64(m.bits())>>m.IntN(3)) })
	case 13:
		return column(m, rows, m.raw)
	default:
		field := column(m, rows, func() data.EnumItemIndex { return data.EnumItemIndex(m.IntN(3)) })
		field.Config = m.config()
		field.Config.TypeConfig = &data.FieldTypeConfig{Enum: &data.EnumFieldConfig{Text: []string{"ok", "é", m.text()}}}
		return field
	}
}

func (m maker) config() *data.FieldConfig {
	config := &data.FieldConfig{}
	if m.coin() {
		config.DisplayName = m.some()
		config.Description = m.some()
		config.Custom = map[string]any{"width": 2.0, "none": nil}
		config.NoValue = "-"
	}
	if m.coin() {
		config.Unit = "s"
		config.SetDecimals(3).SetMin(-1.5).SetMax(math.Inf(1)).SetFilterable(true)
		config.Interval = 1000
	}
	if m.coin() {
		var panels data.ExplorePanelsState = map[string]any{"trace": map[string]any{}}
		from, to := data.ConfFloat64(1), data.ConfFloat64(math.NaN())
		config.Mappings = data.ValueMappings{
			data.ValueMapper{"1": {Text: m.some(), Color: "red", Index: 1}},
			data.RangeValueMapper{From: &from, To: &to, Result: data.ValueMappingResult{Text: "x"}},
			data.SpecialValueMapper{Match: data.SpecialValueNullAndNaN, Result: data.ValueMappingResult{Color: "c"}},
		}
		config.Thresholds = &data.ThresholdsConfig{Mode: data.ThresholdsModeAbsolute, Steps: []data.Threshold{
			data.NewThreshold(math.Inf(-1), "green", ""), data.NewThreshold(80, "red", "bad"),
		}}
		config.Color = map[string]any{"mode": "fixed"}
		config.Links = []data.DataLink{{Title: "t", URL: "https://a.example", TargetBlank: true, Internal: &data.InternalDataLink{
			Query: map[string]any{"q": 1.0}, DatasourceUID: "u", DatasourceName: "n",
			ExplorePanelsState: &panels,
			Transformations:    &[]data.LinkTransformationConfig{{Type: data.Regex, Expression: ".*"}},
			Range:              &data.TimeRange{From: time.Unix(0, 5).UTC(), To: time.Unix(1, 0).UTC()},
		}}}
	}
	return config
}

func (m maker) meta() *data.FrameMeta {
	meta := &data.FrameMeta{TypeVersion: data.FrameTypeVersion{uint(m.IntN(3)), uint(m.IntN(3))}}
	if m.coin() {
		meta.Type = data.FrameTypeTimeSeriesMulti
		meta.Path, meta.PathSeparator = m.some(), "/"
		meta.Custom = map[string]any{"a": []any{nil, 1.0, "x"}}
		meta.Stats = []data.QueryStat{{FieldConfig: data.FieldConfig{DisplayName: "d", Unit: "ms"}, Value: 1.5}}
	}
	if m.coin() {
		meta.Notices = []data.Notice{
			{Severity: data.NoticeSeverityError, Text: fmt.Sprint("n", m.some()), Inspect: data.InspectTypeData, Link: "/l"},
			{},
		}
		meta.Channel = "ds/uid/" + m.some()
		meta.PreferredVisualization = data.VisTypeLogs
		meta.PreferredVisualizationPluginID = "p"
		meta.ExecutedQueryString = m.some()
		meta.DataTopic = data.DataTopicAnnotations
		meta.UniqueRowIDFields = []int{0, 2}
	}
	return meta
}
