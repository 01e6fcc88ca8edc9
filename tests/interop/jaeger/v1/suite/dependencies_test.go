package suite

import (
	"context"
	"math/rand"
	"time"

	"github.com/jaegertracing/jaeger/model"
)

// dependencies writes calls in the only way that there is over gRPC: as spans which call each other.
type dependencies struct{ to *storage }

func (d dependencies) WriteDependencies(at time.Time, links []model.DependencyLink) error {
	for _, link := range links {
		parent := newSpan(link.Parent, "call", at)
		spans := []*model.Span{parent}
		for calls := uint64(0); calls < link.CallCount; calls++ {
			child := newSpan(link.Child, "answer", at)
			child.TraceID = parent.TraceID
			child.References = []model.SpanRef{model.NewChildOfRef(parent.TraceID, parent.SpanID)}
			spans = append(spans, child)
		}
		for _, span := range spans {
			if err := d.to.SpanWriter.WriteSpan(context.Background(), span); err != nil {
				return err
			}
		}
	}
	return nil
}

func newSpan(service, operation string, start time.Time) *model.Span {
	return &model.Span{
		TraceID:       model.NewTraceID(rand.Uint64(), rand.Uint64()),
		SpanID:        model.NewSpanID(rand.Uint64()),
		OperationName: operation,
		References:    []model.SpanRef{},
		StartTime:     start.UTC().Truncate(time.Microsecond),
		Duration:      time.Millisecond,
		Process:       model.NewProcess(service, []model.KeyValue{}),
	}
}
