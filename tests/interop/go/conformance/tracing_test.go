package conformance

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc/metadata"

	"crosslink/tests/interop/go/conformance/host"
)

func TestSpansJoinTheHostsTrace(t *testing.T) {
	t.Parallel()
	spans := receive(t)
	arrived := make(chan http.Header, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		arrived <- r.Header
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("hello"))
	}))
	t.Cleanup(server.Close)
	p := launch(t, kitchenSink, traced(spans))
	if _, err := p.request(withTrace(t, "01"), &backend.QueryDataRequest{
		PluginContext: datasource(kitchenSink, "{}", at(server.URL)),
		Queries:       []backend.DataQuery{query("A", `{"kind": "fetch", "path": "x?secret=1"}`), query("B", `{"kind": "span"}`)},
	}); err != nil {
		t.Fatal(err)
	}
	header := <-arrived
	// What is not sent yet is when the plugin ends.
	ends(t, p)

	rpc := spans.named(t, "pluginv2.Data/QueryData")
	sdk := spans.named(t, "sdk.queryData")
	outgoing := spans.named(t, "HTTP Outgoing Request")
	own, inner := spans.named(t, "a span of the author"), spans.named(t, "inner")
	queries := map[string]span{}
	for _, s := range spans.spans {
		if hex.EncodeToString(s.TraceId) != hostTrace {
			t.Errorf("span %q is of another trace: %x", s.Name, s.TraceId)
		}
		if s.Name == "sdk.query" {
			queries[fmt.Sprint(s.attributes["ref_id"])] = s
		}
	}
	for _, child := range []struct {
		span   span
		parent string
	}{
		{rpc, hostSpan}, {sdk, rpc.id()}, {queries["A"], sdk.id()}, {queries["B"], sdk.id()}, {outgoing, queries["A"].id()},
		{own, queries["B"].id()}, {inner, own.id()},
	} {
		if child.span.Span == nil || child.span.parent() != child.parent {
			t.Errorf("span %v has another parent than %s", child.span, child.parent)
		}
	}
	for name, kinds := range map[string][2]trace.Span_SpanKind{
		"the RPC's": {rpc.Kind, trace.Span_SPAN_KIND_SERVER}, "the SDK's": {sdk.Kind, trace.Span_SPAN_KIND_INTERNAL},
		"the outgoing request's": {outgoing.Kind, trace.Span_SPAN_KIND_CLIENT}, "the author's": {own.Kind, trace.Span_SPAN_KIND_INTERNAL},
	} {
		if kinds[0] != kinds[1] {
			t.Errorf("%s span is of kind %v, not %v", name, kinds[0], kinds[1])
		}
	}
	if wanted := "00-" + hostTrace + "-" + outgoing.id() + "-01"; header.Get("traceparent") != wanted {
		t.Errorf("the outgoing request has traceparent %q, not %q", header.Get("traceparent"), wanted)
	}
}

func TestAttributesOfSpans(t *testing.T) {
	t.Parallel()
	spans := receive(t)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(http.StatusBadGateway)
		_, _ = w.Write([]byte("hello"))
	}))
	t.Cleanup(server.Close)
	p := launch(t, kitchenSink, traced(spans))
	withType := query("A", `{"kind": "fetch", "path": "x"}`)
	withType.QueryType = "some"
	if _, err := p.request(withTrace(t, "01"), &backend.QueryDataRequest{
		PluginContext: datasource(kitchenSink, "{}", at(server.URL)), Queries: []backend.DataQuery{withType},
	}); err != nil {
		t.Fatal(err)
	}
	ends(t, p)

	sdk := spans.named(t, "sdk.queryData")
	if diff := cmp.Diff(map[string]any{
		"plugin_id": kitchenSink.id, "org_id": int64(1), "datasource_name": "My datasource", "datasource_uid": "uid-1",
		"user": "Ann", "request_status": "error", "status_source": "downstream",
	}, sdk.attributes); diff != "" {
		t.Errorf("sdk.queryData (- wanted, + got):\n%s", diff)
	}
	one := spans.named(t, "sdk.query")
	if diff := cmp.Diff(map[string]any{"ref_id": "A", "query_type": "some"}, one.attributes); diff != "" {
		t.Errorf("sdk.query (- wanted, + got):\n%s", diff)
	}
	if one.Status.GetCode() != trace.Status_STATUS_CODE_ERROR || len(one.Events) != 1 || one.Events[0].Name != "exception" {
		t.Errorf("the failed query's span does not say so: %v", one)
	}
	outgoing := spans.named(t, "HTTP Outgoing Request")
	if diff := cmp.Diff(map[string]any{
		"http.url": server.URL + "/x", "http.method": "GET", "http.status_code": int64(502), "http.content_length": int64(5),
		"datasource_name": "My datasource", "datasource_uid": "uid-1", "datasource_type": kitchenSink.id,
	}, outgoing.attributes); diff != "" {
		t.Errorf("HTTP Outgoing Request (- wanted, + got):\n%s", diff)
	}
	if outgoing.Status.GetCode() != trace.Status_STATUS_CODE_ERROR {
		t.Errorf("the status of a request that was answered with 502 is %v", outgoing.Status)
	}
	rpc := spans.named(t, "pluginv2.Data/QueryData")
	if rpc.attributes["rpc.service"] != "pluginv2.Data" || rpc.attributes["rpc.system"] != "grpc" {
		t.Errorf("the RPC's span has %v", rpc.attributes)
	}
	for key, value := range map[string]any{
		"service.name": kitchenSink.id, "service.version": "1.2.3", "custom.attribute": "from the author",
	} {
		if sdk.resource[key] != value {
			t.Errorf("%s of the resource is %v, not %v", key, sdk.resource[key], value)
		}
	}
	if sdk.resource["telemetry.sdk.language"] == nil || sdk.resource["process.runtime.description"] == nil {
		t.Errorf("the resource has %v", sdk.resource)
	}
	if sdk.scope != kitchenSink.id {
		t.Errorf("the tracer is %q", sdk.scope)
	}
}

func TestSpansOfEachEndpoint(t *testing.T) {
	t.Parallel()
	spans := receive(t)
	p := launch(t, kitchenSink, traced(spans))
	p.health(t, datasource(kitchenSink, "{}"))
	p.must(t, "GET", "instance", nil)
	if _, err := p.subscribe(t, "ticks", ""); err != nil {
		t.Fatal(err)
	}
	p.publish(t, "quiet", "1")
	stream, err := p.run(soon(t), "count/2")
	for err == nil {
		_, err = stream.Recv()
	}
	p.metrics(t)
	ends(t, p)
	for sdk, rpc := range map[string]string{
		"checkHealth": "Diagnostics/CheckHealth", "callResource": "Resource/CallResource",
		"subscribeStream": "Stream/SubscribeStream", "publishStream": "Stream/PublishStream", "runStream": "Stream/RunStream",
	} {
		if child, parent := spans.named(t, "sdk."+sdk), spans.named(t, "pluginv2."+rpc); child.parent() != parent.id() {
			t.Errorf("sdk.%s has another parent than %s", sdk, rpc)
		}
	}
	for _, s := range spans.spans {
		if s.Name == "sdk.collectMetrics" {
			t.Error("a scrape is traced")
		}
	}
}

func TestTheHostsSamplingDecisionHolds(t *testing.T) {
	t.Parallel()
	spans := receive(t)
	p := launch(t, kitchenSink, traced(spans))
	if _, err := p.ask(withTrace(t, "00"), query("A", `{"kind": "line"}`)); err != nil {
		t.Fatal(err)
	}
	ends(t, p)
	if len(spans.spans) > 0 {
		t.Errorf("%d spans of a trace that is not sampled", len(spans.spans))
	}
}

func TestJaegerPropagation(t *testing.T) {
	t.Parallel()
	spans := receive(t)
	p := launch(t, kitchenSink, traced(spans, "GF_INSTANCE_OTLP_PROPAGATION=jaeger,w3c"))
	ctx := metadata.AppendToOutgoingContext(soon(t), "uber-trace-id", hostTrace+":"+hostSpan+":0:1")
	if _, err := p.ask(ctx, query("A", `{"kind": "line"}`)); err != nil {
		t.Fatal(err)
	}
	ends(t, p)
	if rpc := spans.named(t, "pluginv2.Data/QueryData"); hex.EncodeToString(rpc.TraceId) != hostTrace || rpc.parent() != hostSpan {
		t.Errorf("trace %x, parent %s", rpc.TraceId, rpc.parent())
	}
}

func TestTracesPassThroughWhereTracingIsOff(t *testing.T) {
	t.Parallel()
	arrived := make(chan http.Header, 1)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { arrived <- r.Header }))
	t.Cleanup(server.Close)
	p := launch(t, kitchenSink)
	if _, err := p.request(withTrace(t, "01"), &backend.QueryDataRequest{
		PluginContext: datasource(kitchenSink, "{}", at(server.URL)),
		Queries:       []backend.DataQuery{query("A", `{"kind": "fetch", "path": "x"}`)},
	}); err != nil {
		t.Fatal(err)
	}
	if got := (<-arrived).Get("traceparent"); got != "00-"+hostTrace+"-"+hostSpan+"-01" {
		t.Errorf("the outgoing request has traceparent %q", got)
	}
	ends(t, p)
	for _, line := range p.lines(t) {
		if line["@message"] == "Plugin Request Completed" && line["traceId"] != hostTrace {
			t.Errorf("a line without the trace's id: %v", line)
		}
	}
}

func TestAReceiverThatIsDownDoesNoHarm(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink, func(o *host.Options) { o.Env = []string{"GF_INSTANCE_OTLP_ADDRESS=127.0.0.1:1"} })
	works(t, p)
}

func TestSamplersThatThereAreNot(t *testing.T) {
	t.Parallel()
	log := &buffer{}
	_, err := host.Start(host.Options{
		Command: kitchenSink.command(t), Log: log,
		Env: []string{"GF_INSTANCE_OTLP_ADDRESS=127.0.0.1:1", "GF_INSTANCE_OTLP_SAMPLER_TYPE=sometimes"},
	})
	if err == nil {
		t.Fatal("the plugin starts")
	}
	if !strings.Contains(log.String(), "GF_INSTANCE_OTLP_SAMPLER_TYPE") {
		t.Errorf("the host is not told which variable is wrong: %s", log)
	}
}
