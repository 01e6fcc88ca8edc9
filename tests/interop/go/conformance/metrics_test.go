package conformance

import (
	"bytes"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
)

type families map[string]*dto.MetricFamily

func (p *running) metrics(t *testing.T) families {
	t.Helper()
	answer, err := p.Diagnostics.CollectMetrics(soon(t), &pluginv2.CollectMetricsRequest{})
	if err != nil {
		t.Fatal(err)
	}
	text := answer.Metrics.Prometheus
	parser := expfmt.NewTextParser(model.LegacyValidation)
	parsed, err := parser.TextToMetricFamilies(bytes.NewReader(text))
	if err != nil {
		t.Fatalf("Prometheus does not read it: %v\n%s", err, text)
	}
	if bytes.Contains(text, []byte("# EOF")) {
		t.Error("that is OpenMetrics, and not the text format 0.0.4")
	}
	return parsed
}

// value is of the series with exactly these labels; sums and counts stand for histograms.
func (f families) value(name string, labels map[string]string) (float64, bool) {
	family, found := f[name]
	if !found {
		return 0, false
	}
	for _, metric := range family.Metric {
		seen := map[string]string{}
		for _, pair := range metric.Label {
			seen[pair.GetName()] = pair.GetValue()
		}
		if !maps.Equal(seen, labels) {
			continue
		}
		switch family.GetType() {
		case dto.MetricType_COUNTER:
			return metric.Counter.GetValue(), true
		case dto.MetricType_GAUGE:
			return metric.Gauge.GetValue(), true
		case dto.MetricType_HISTOGRAM:
			return float64(metric.Histogram.GetSampleCount()), true
		}
	}
	return 0, false
}

func (f families) is(t *testing.T, wanted float64, name string, labels map[string]string) {
	t.Helper()
	if value, found := f.value(name, labels); !found || value != wanted {
		t.Errorf("%s%v is %v (%v), not %v; there is %v", name, labels, value, found, wanted, f[name])
	}
}

func TestMetricsOfCallsAndInstances(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	p.answered(t, `{"kind": "line"}`)
	p.answered(t, `{"kind": "line"}`)
	if _, err := p.ask(soon(t), query("A", `{"kind": "throw"}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := p.ask(soon(t), query("A", `{"kind": "downstream"}`)); err != nil {
		t.Fatal(err)
	}
	p.must(t, "GET", "instance", nil)
	p.health(t, datasource(kitchenSink, `{}`))
	seen := p.metrics(t)

	const requests = "grafana_plugin_request_total"
	request := func(endpoint, status, source string) map[string]string {
		return map[string]string{"endpoint": endpoint, "status": status, "status_source": source}
	}
	seen.is(t, 2, requests, request("queryData", "ok", "plugin"))
	seen.is(t, 1, requests, request("queryData", "error", "plugin"))
	seen.is(t, 1, requests, request("queryData", "error", "downstream"))
	seen.is(t, 1, requests, request("callResource", "ok", "plugin"))
	seen.is(t, 1, requests, request("checkHealth", "ok", "plugin"))

	rpc := map[string]string{"grpc_type": "unary", "grpc_service": "pluginv2.Data", "grpc_method": "QueryData"}
	seen.is(t, 4, "grpc_server_started_total", rpc)
	seen.is(t, 4, "grpc_server_handling_seconds", rpc)
	rpc["grpc_code"] = "OK"
	seen.is(t, 4, "grpc_server_handled_total", rpc)
	seen.is(t, 1, "grpc_server_started_total", map[string]string{
		"grpc_type": "server_stream", "grpc_service": "pluginv2.Resource", "grpc_method": "CallResource",
	})

	seen.is(t, 1, "plugins_active_instances", map[string]string{})
	seen.is(t, 1, "plugins_datasource_instances_total", map[string]string{})
}

// Whoever listened has left: that is no error, and not the plugin's doing.
func TestMetricsOfCancelledCalls(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	ctx, cancel := withCancel(t)
	stream, err := p.run(ctx, "ticks")
	if err == nil {
		_, err = stream.Recv()
	}
	if err != nil {
		t.Fatal(err)
	}
	// This one is never asked to stop: it is in the middle of handing over.
	if _, err := p.run(ctx, "fast/100000"); err != nil {
		t.Fatal(err)
	}
	time.AfterFunc(200*time.Millisecond, cancel)
	_, _ = p.ask(ctx, query("A", `{"kind": "slow", "ms": 60000}`))
	eventually(t, "all three calls end", func() bool {
		state := p.state(t)
		return state.Running == 0 && state.AbortedQueries == 1
	})
	seen := p.metrics(t)
	for endpoint, times := range map[string]float64{"runStream": 2, "queryData": 1} {
		seen.is(t, times, "grafana_plugin_request_total", map[string]string{
			"endpoint": endpoint, "status": "cancelled", "status_source": "downstream",
		})
	}
}

func TestMetricsOfTheProcessAndOfTheAuthor(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	p.answered(t, `{"kind": "line"}`)
	seen := p.metrics(t)
	seen.is(t, 1, "kitchen_sink_queries_total", map[string]string{"kind": "line"})
	for _, name := range []string{
		"process_cpu_seconds_total", "process_resident_memory_bytes", "process_start_time_seconds", "process_open_fds",
		"nodejs_heap_size_used_bytes", "nodejs_eventloop_lag_seconds",
	} {
		if value, found := seen.value(name, map[string]string{}); !found || value < 0 {
			t.Errorf("%s is %v (%v)", name, value, found)
		}
	}
	// Whoever scrapes asks again and again: it leaves no trace in what is scraped.
	before, after := slices.Sorted(maps.Keys(seen)), slices.Sorted(maps.Keys(p.metrics(t)))
	// This one is there from the first collection of garbage on, whenever that is.
	isOfGarbage := func(name string) bool { return name == "nodejs_gc_duration_seconds" }
	before, after = slices.DeleteFunc(before, isOfGarbage), slices.DeleteFunc(after, isOfGarbage)
	if diff := cmp.Diff(before, after); diff != "" {
		t.Errorf("the second answer has other series:\n%s", diff)
	}
}

func TestMetricsOfOutgoingRequests(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/missing" {
			w.WriteHeader(http.StatusNotFound)
		}
		_, _ = w.Write([]byte("hello"))
	}))
	t.Cleanup(server.Close)
	p := launch(t, kitchenSink)
	for _, path := range []string{"there", "there", "missing"} {
		_, err := p.request(soon(t), &backend.QueryDataRequest{
			PluginContext: datasource(kitchenSink, "{}", at(server.URL)),
			Queries:       []backend.DataQuery{query("A", `{"kind": "fetch", "path": "`+path+`"}`)},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	seen := p.metrics(t)
	common := map[string]string{
		"datasource_type": "crosslinkkitchensinkdatasource", "secure_socks_ds_proxy_enabled": "false", "endpoint": "queryData",
	}
	seen.is(t, 0, "plugins_datasource_request_in_flight", common)
	seen.is(t, 3, "plugins_datasource_response_size_bytes", common)
	seen.is(t, 5, "plugins_datasource_response_size", common)
	answered := maps.Clone(common)
	answered["method"], answered["code"] = "get", "200"
	seen.is(t, 2, "plugins_datasource_request_total", answered)
	seen.is(t, 2, "plugins_datasource_request_duration_seconds", answered)
	answered["code"] = "404"
	seen.is(t, 1, "plugins_datasource_request_total", answered)
}

func at(url string) func(*backend.DataSourceInstanceSettings) {
	return func(s *backend.DataSourceInstanceSettings) { s.URL = url }
}
