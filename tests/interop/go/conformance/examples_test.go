package conformance

import (
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/hashicorp/go-plugin"

	"crosslink/tests/interop/go/conformance/host"
)

func TestTheExamplesLaunch(t *testing.T) {
	t.Parallel()
	for _, k := range []kind{basic, streaming, http_} {
		for _, mtls := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, AutoMTLS %v", k.id, mtls), func(t *testing.T) {
				p := launch(t, k, configured(func(c *plugin.ClientConfig) { c.AutoMTLS = mtls }))
				if err := p.Protocol.Ping(); err != nil {
					t.Errorf("no answer to Ping: %v", err)
				}
				p.metrics(t)
				ends(t, p)
			})
		}
	}
}

func TestTheBasicExamplesSine(t *testing.T) {
	t.Parallel()
	p := launch(t, basic)
	response, err := p.request(soon(t), &backend.QueryDataRequest{
		PluginContext: datasource(basic, `{"scale": 10}`), Queries: []backend.DataQuery{query("A", `{"points": 100}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	frame := single(t, response).Frames[0]
	if frame.Name != "sine" || frame.Rows() != 100 || frame.RefID != "A" {
		t.Fatalf("frame %q of %d rows", frame.Name, frame.Rows())
	}
	for i := range 100 {
		at, value := frame.At(0, i).(time.Time), frame.At(1, i).(float64)
		if wanted := int64(1_700_000_000_000 + 1000*i); at.UnixMilli() != wanted {
			t.Errorf("time %d is %v", i, at)
		}
		if wanted := 10 * math.Sin(2*math.Pi*float64(i)/100); math.Abs(value-wanted) > 1e-12 {
			t.Errorf("value %d is %v, not %v", i, value, wanted)
		}
	}
}

func TestTheStreamingExampleStreams(t *testing.T) {
	t.Parallel()
	p := launch(t, streaming)
	about := datasource(streaming, `{"intervalMs": 50}`)
	response, err := p.request(soon(t), &backend.QueryDataRequest{
		PluginContext: about, Queries: []backend.DataQuery{query("A", `{}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if channel := single(t, response).Frames[0].Meta.Channel; channel != "ds/uid-1/stream" {
		t.Errorf("the channel is %q", channel)
	}
	ctx, cancel := withCancel(t)
	defer cancel()
	request := backend.ToProto().RunStreamRequest(&backend.RunStreamRequest{PluginContext: about, Path: "stream"})
	stream, err := p.Stream.RunStream(ctx, request)
	if err != nil {
		t.Fatal(err)
	}
	var last time.Time
	began := time.Now()
	for i := range 10 {
		packet, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		var frame data.Frame
		if err := json.Unmarshal(packet.Data, &frame); err != nil || frame.Rows() != 1 {
			t.Fatalf("%v: %s", err, packet.Data)
		}
		at := frame.At(0, 0).(time.Time)
		if !at.After(last) {
			t.Errorf("packet %d is of %v, the one before of %v", i, at, last)
		}
		last = at
	}
	if took := time.Since(began); took < 9*40*time.Millisecond {
		t.Errorf("ten packets, 50 ms apart, came within %v", took)
	}
}

func TestTheHTTPExampleFetches(t *testing.T) {
	t.Parallel()
	seen := make(chan *http.Request, 10)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen <- r
		switch r.URL.Path {
		case "/", "/series":
			_, _ = w.Write([]byte(`[{"time": 1700000000000, "value": 1.5}, {"time": 1700000001000, "value": -2}]`))
		case "/down", "/down/":
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			_, _ = w.Write([]byte(`{"no": "list"}`))
		}
	}))
	t.Cleanup(server.Close)
	spans := receive(t)
	p := launch(t, http_, traced(spans))
	about := datasource(http_, `{}`, at(server.URL))
	request := &backend.QueryDataRequest{
		PluginContext: about,
		Queries: []backend.DataQuery{
			query("A", `{"path": "/series"}`), query("B", `{"path": "/down"}`), query("C", `{"path": "/odd"}`),
		},
	}
	request.Headers = map[string]string{"Authorization": "Bearer of-the-user"}
	request.SetHTTPHeader("X-Dashboard-Uid", "dash")
	response, err := p.request(withTrace(t, "01"), request)
	if err != nil {
		t.Fatal(err)
	}
	wanted := data.NewFrame("",
		data.NewField("time", nil, []time.Time{time.UnixMilli(1_700_000_000_000).UTC(), time.UnixMilli(1_700_000_001_000).UTC()}),
		data.NewField("value", nil, []float64{1.5, -2}))
	got := response.Responses["A"].Frames[0]
	wanted.Name, wanted.RefID = got.Name, "A"
	if diff := cmp.Diff(wanted, got, data.FrameTestCompareOptions()...); diff != "" {
		t.Errorf("query A (- wanted, + got):\n%s", diff)
	}
	if b := response.Responses["B"]; b.Status != 503 || b.ErrorSource != backend.ErrorSourceDownstream || b.Error == nil {
		t.Errorf("query B: %d %s %v", b.Status, b.ErrorSource, b.Error)
	}
	if c := response.Responses["C"]; c.Error == nil || c.ErrorSource != backend.ErrorSourceDownstream {
		t.Errorf("query C: %d %s %v", c.Status, c.ErrorSource, c.Error)
	}
	for range 3 {
		r := <-seen
		if r.Header.Get("Authorization") != "Bearer of-the-user" || r.Header.Get("X-Dashboard-Uid") != "dash" {
			t.Errorf("the forwarded headers are not in %v", r.Header)
		}
		if !strings.HasPrefix(r.Header.Get("Traceparent"), "00-"+hostTrace) {
			t.Errorf("traceparent is %q", r.Header.Get("Traceparent"))
		}
	}
	if result := p.health(t, about); result.Status != backend.HealthStatusOk {
		t.Errorf("health: %v %s", result.Status, result.Message)
	}
	down := datasource(http_, `{}`, at(server.URL+"/down"), func(s *backend.DataSourceInstanceSettings) { s.UID = "uid-2" })
	if result := p.health(t, down); result.Status != backend.HealthStatusError || !strings.Contains(result.Message, "503") {
		t.Errorf("health of what is down: %v %s", result.Status, result.Message)
	}
	ends(t, p)
	outgoing := 0
	for _, s := range spans.spans {
		if s.Name == "HTTP Outgoing Request" {
			outgoing++
		}
	}
	if outgoing != 5 {
		t.Errorf("%d spans of outgoing requests, not 5", outgoing)
	}
}

func TestTheExamplesRefuseBeingStartedByHand(t *testing.T) {
	t.Parallel()
	for _, k := range []kind{basic, streaming, http_} {
		_, err := host.Start(host.Options{
			Command: k.command(t),
			Change:  func(c *plugin.ClientConfig) { c.HandshakeConfig.MagicCookieValue = "other" },
		})
		if err == nil {
			t.Errorf("%s starts with a wrong cookie", k.id)
		}
	}
}
