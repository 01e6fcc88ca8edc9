package conformance

import (
	"context"
	"encoding/hex"
	"net"
	"sync"
	"testing"

	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	common "go.opentelemetry.io/proto/otlp/common/v1"
	trace "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"crosslink/tests/interop/go/conformance/host"
)

// receiver is what Grafana's operator has behind GF_INSTANCE_OTLP_ADDRESS.
type receiver struct {
	collector.UnimplementedTraceServiceServer
	address string
	mutex   sync.Mutex
	spans   []span
}

type span struct {
	*trace.Span
	attributes map[string]any
	resource   map[string]any
	scope      string
}

func (r *receiver) Export(
	_ context.Context, request *collector.ExportTraceServiceRequest,
) (*collector.ExportTraceServiceResponse, error) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	for _, resource := range request.ResourceSpans {
		for _, scope := range resource.ScopeSpans {
			for _, s := range scope.Spans {
				r.spans = append(r.spans, span{s, plain(s.Attributes), plain(resource.Resource.Attributes), scope.Scope.Name})
			}
		}
	}
	return &collector.ExportTraceServiceResponse{}, nil
}

func plain(attributes []*common.KeyValue) map[string]any {
	values := map[string]any{}
	for _, a := range attributes {
		switch v := a.Value.Value.(type) {
		case *common.AnyValue_StringValue:
			values[a.Key] = v.StringValue
		case *common.AnyValue_IntValue:
			values[a.Key] = v.IntValue
		default:
			values[a.Key] = a.Value.String()
		}
	}
	return values
}

func receive(t *testing.T) *receiver {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	r := &receiver{address: listener.Addr().String()}
	server := grpc.NewServer()
	collector.RegisterTraceServiceServer(server, r)
	go func() { _ = server.Serve(listener) }()
	t.Cleanup(server.Stop)
	return r
}

// named is the only span of this name.
func (r *receiver) named(t *testing.T, name string) span {
	t.Helper()
	r.mutex.Lock()
	defer r.mutex.Unlock()
	var found []span
	var names []string
	for _, s := range r.spans {
		names = append(names, s.Name)
		if s.Name == name {
			found = append(found, s)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d spans %q, not one; there are %q", len(found), name, names)
	}
	return found[0]
}

func traced(r *receiver, more ...string) func(*host.Options) {
	return func(o *host.Options) {
		o.Env = append([]string{
			"GF_INSTANCE_OTLP_ADDRESS=" + r.address, "GF_INSTANCE_OTLP_PROPAGATION=w3c",
			"GF_INSTANCE_OTLP_SAMPLER_TYPE=const", "GF_INSTANCE_OTLP_SAMPLER_PARAM=1.000000", "GF_PLUGIN_VERSION=1.2.3",
		}, more...)
	}
}

const (
	hostTrace = "0af7651916cd43dd8448eb211c80319c"
	hostSpan  = "b7ad6b7169203331"
)

func withTrace(t *testing.T, flags string) context.Context {
	return metadata.AppendToOutgoingContext(soon(t), "traceparent", "00-"+hostTrace+"-"+hostSpan+"-"+flags)
}

func (s span) id() string     { return hex.EncodeToString(s.SpanId) }
func (s span) parent() string { return hex.EncodeToString(s.ParentSpanId) }
