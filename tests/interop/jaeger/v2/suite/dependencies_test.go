package suite

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"time"

	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/jaegertracing/jaeger-idl/model/v1"
	"github.com/jaegertracing/jaeger/internal/storage/v2/api/tracestore"
)

// dependencies writes calls in the only way that there is over gRPC: as spans which call each other.
type dependencies struct{ to tracestore.Writer }

func (d dependencies) WriteDependencies(at time.Time, links []model.DependencyLink) error {
	for _, link := range links {
		traces := ptrace.NewTraces()
		parent := addSpan(traces, link.Parent, at)
		for range link.CallCount {
			child := addSpan(traces, link.Child, at)
			child.SetTraceID(parent.TraceID())
			child.SetParentSpanID(parent.SpanID())
		}
		if err := d.to.WriteTraces(context.Background(), traces); err != nil {
			return err
		}
	}
	return nil
}

// addSpan adds one of a trace and a resource of its own.
func addSpan(traces ptrace.Traces, service string, start time.Time) ptrace.Span {
	resource := traces.ResourceSpans().AppendEmpty()
	resource.Resource().Attributes().PutStr("service.name", service)
	span := resource.ScopeSpans().AppendEmpty().Spans().AppendEmpty()
	span.SetTraceID(newTraceID())
	span.SetSpanID(newSpanID())
	span.SetName("call")
	span.SetStartTimestamp(pcommon.NewTimestampFromTime(start))
	span.SetEndTimestamp(pcommon.NewTimestampFromTime(start.Add(time.Millisecond)))
	return span
}

func newTraceID() (id pcommon.TraceID) {
	binary.BigEndian.PutUint64(id[:8], rand.Uint64())
	binary.BigEndian.PutUint64(id[8:], rand.Uint64())
	return
}

func newSpanID() (id pcommon.SpanID) {
	binary.BigEndian.PutUint64(id[:], rand.Uint64())
	return
}
