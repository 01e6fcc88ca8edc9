package conformance

import (
	"encoding/json"
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"

	"crosslink/tests/interop/go/conformance/host"
)

// both starts the example and its twin on Grafana's own SDK.
func both(t *testing.T, k kind, which string) (ours, theirs *running) {
	t.Helper()
	ours = launch(t, k)
	theirs = launch(t, k, func(o *host.Options) { o.Command = goReference(t, which) })
	return ours, theirs
}

// sameFrames compares as the SDK's own tests do.
func sameFrames(t *testing.T, what string, wanted, got data.Frames) {
	t.Helper()
	rounded(wanted)
	rounded(got)
	if diff := cmp.Diff(wanted, got, data.FrameTestCompareOptions()...); diff != "" {
		t.Errorf("%s: ours differs from Go's (- Go's, + ours):\n%s", what, diff)
	}
}

// rounded takes the last bits off: there the sines of V8 and of Go differ.
func rounded(frames data.Frames) {
	for _, frame := range frames {
		for _, field := range frame.Fields {
			for row := range field.Len() {
				if value, is := field.At(row).(float64); is {
					field.Set(row, math.Round(value*1e12)/1e12+0)
				}
			}
		}
	}
}

func TestTheBasicExampleAnswersAsGosDoes(t *testing.T) {
	t.Parallel()
	ours, theirs := both(t, basic, "basic")
	for name, format := range formats {
		for _, model := range []string{
			`{}`, `{"points": 1}`, `{"points": 2}`, `{"points": 1000, "kind": "time-series"}`, `{"points": 7, "kind": "table"}`,
			`{"points": 5000, "kind": "table"}`, `{"points": 0}`, `{"points": 1000001}`, `{"points": "x"}`, `{"kind": "pie"}`, `{`,
		} {
			request := &backend.QueryDataRequest{
				PluginContext: datasource(basic, `{"scale": 2.5}`), Format: format, Queries: []backend.DataQuery{query("A", model)},
			}
			wanted, err := theirs.request(soon(t), request)
			if err != nil {
				t.Fatal(err)
			}
			got, err := ours.request(soon(t), request)
			if err != nil {
				t.Fatal(err)
			}
			a, b := wanted.Responses["A"], got.Responses["A"]
			if a.Status != b.Status || (a.Error == nil) != (b.Error == nil) {
				t.Errorf("%s in %s: Go's is %d %v, ours %d %v", model, name, a.Status, a.Error, b.Status, b.Error)
			}
			sameFrames(t, model+" in "+name, a.Frames, b.Frames)
		}
	}
}

func TestTheBasicExampleIsHealthyWhereGosIs(t *testing.T) {
	t.Parallel()
	ours, theirs := both(t, basic, "basic")
	for i, jsonData := range []string{`{}`, `{"scale": 3}`, `{"scale": "big"}`, `[]`} {
		about := datasource(basic, jsonData, func(s *backend.DataSourceInstanceSettings) { s.Updated = time.UnixMilli(int64(i)) })
		wanted, got := theirs.health(t, about), ours.health(t, about)
		if wanted.Status != got.Status || wanted.Status == backend.HealthStatusOk && wanted.Message != got.Message {
			t.Errorf("%s: Go's is %v %q, ours %v %q", jsonData, wanted.Status, wanted.Message, got.Status, got.Message)
		}
	}
}

func TestTheBasicExampleHasTheResourcesOfGos(t *testing.T) {
	t.Parallel()
	ours, theirs := both(t, basic, "basic")
	for _, call := range [][2]string{{"GET", "kinds"}, {"HEAD", "kinds"}, {"POST", "kinds"}, {"GET", "other"}} {
		wanted, err := theirs.resource(soon(t), call[0], call[1], nil)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ours.resource(soon(t), call[0], call[1], nil)
		if err != nil {
			t.Fatal(err)
		}
		if wanted.code != got.code {
			t.Errorf("%s: Go's status is %d, ours %d", call, wanted.code, got.code)
		}
		if wanted.code != 200 || call[0] == "HEAD" {
			continue
		}
		var a, b any
		if json.Unmarshal(wanted.body, &a) != nil || json.Unmarshal(got.body, &b) != nil || !cmp.Equal(a, b) {
			t.Errorf("%s: Go's is %s, ours %s", call, wanted.body, got.body)
		}
	}
}

func TestTheStreamingExampleAnswersAsGosDoes(t *testing.T) {
	t.Parallel()
	ours, theirs := both(t, streaming, "streaming")
	for name, format := range formats {
		request := &backend.QueryDataRequest{
			PluginContext: datasource(streaming, `{}`), Format: format, Queries: []backend.DataQuery{query("A", `{}`)},
		}
		wanted, err := theirs.request(soon(t), request)
		if err != nil {
			t.Fatal(err)
		}
		got, err := ours.request(soon(t), request)
		if err != nil {
			t.Fatal(err)
		}
		sameFrames(t, name, wanted.Responses["A"].Frames, got.Responses["A"].Frames)
	}
	for _, path := range []string{"stream", "other", ""} {
		wanted, err := theirs.subscribe(t, path, "")
		if err != nil {
			t.Fatal(err)
		}
		got, err := ours.subscribe(t, path, "")
		if err != nil {
			t.Fatal(err)
		}
		if wanted.Status != got.Status {
			t.Errorf("%q: Go's status is %v, ours %v", path, wanted.Status, got.Status)
		}
		if wanted.Status == backend.SubscribeStreamStatusOK {
			sameShape(t, wanted.InitialData.Data(), got.InitialData.Data())
		}
	}
	if wanted, got := theirs.publish(t, "stream", "1"), ours.publish(t, "stream", "1"); wanted.Status != got.Status {
		t.Errorf("publishing: Go's status is %v, ours %v", wanted.Status, got.Status)
	}
	packets := map[*running][]byte{}
	for _, p := range []*running{ours, theirs} {
		ctx, cancel := withCancel(t)
		stream, err := p.run(ctx, "stream")
		if err != nil {
			t.Fatal(err)
		}
		packet, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		packets[p] = packet.Data
		cancel()
	}
	sameShape(t, packets[theirs], packets[ours])
}

// sameShape is for frames whose values are random.
func sameShape(t *testing.T, wanted, got []byte) {
	t.Helper()
	var a, b data.Frame
	if err := json.Unmarshal(wanted, &a); err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(got, &b); err != nil {
		t.Fatalf("%v: %s", err, got)
	}
	if a.Rows() != b.Rows() {
		t.Errorf("Go's has %d rows, ours %d", a.Rows(), b.Rows())
	}
	sameFrames(t, "the schema", data.Frames{a.EmptyCopy()}, data.Frames{b.EmptyCopy()})
}
