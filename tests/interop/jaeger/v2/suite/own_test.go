package suite

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/collector/pdata/pcommon"
	"go.opentelemetry.io/collector/pdata/ptrace"

	"github.com/jaegertracing/jaeger/crosslink/peer"
	"github.com/jaegertracing/jaeger/internal/jptrace"
	"github.com/jaegertracing/jaeger/internal/storage/integration"
	"github.com/jaegertracing/jaeger/internal/storage/v2/api/tracestore"
)

// What the suite of 2.18 and later asks, or none does, through the client of 2.13.

// values are of each type that an attribute can have.
func values() map[string]pcommon.Value {
	found := map[string]pcommon.Value{
		"string": pcommon.NewValueStr("sameplacevalue"),
		"int":    pcommon.NewValueInt(123),
		"double": pcommon.NewValueDouble(72.5),
		"third":  pcommon.NewValueDouble(1.0 / 3),
		"large":  pcommon.NewValueDouble(123456789012),
		"bool":   pcommon.NewValueBool(true),
		"bytes":  pcommon.NewValueBytes(),
		"slice":  pcommon.NewValueSlice(),
		"map":    pcommon.NewValueMap(),
	}
	found["bytes"].Bytes().FromRaw([]byte{0, 1, 254, 255})
	found["slice"].Slice().AppendEmpty().SetStr("a")
	found["slice"].Slice().AppendEmpty().SetInt(1)
	found["map"].Map().PutBool("key", true)
	return found
}

// places are where a span has attributes.
var places = map[string]func(ptrace.ResourceSpans) pcommon.Map{
	"resource": func(r ptrace.ResourceSpans) pcommon.Map { return r.Resource().Attributes() },
	"scope":    func(r ptrace.ResourceSpans) pcommon.Map { return r.ScopeSpans().At(0).Scope().Attributes() },
	"span":     func(r ptrace.ResourceSpans) pcommon.Map { return r.ScopeSpans().At(0).Spans().At(0).Attributes() },
	"event": func(r ptrace.ResourceSpans) pcommon.Map {
		return r.ScopeSpans().At(0).Spans().At(0).Events().At(1).Attributes()
	},
	"link": func(r ptrace.ResourceSpans) pcommon.Map {
		return r.ScopeSpans().At(0).Spans().At(0).Links().At(0).Attributes()
	},
}

// fullTrace has a value in every field that a span has, and `attributes` in the places named.
func fullTrace(service string, start time.Time, attributes map[string]pcommon.Value, where ...string) ptrace.Traces {
	traces := ptrace.NewTraces()
	span := addSpan(traces, service, start)
	resource := traces.ResourceSpans().At(0)
	resource.SetSchemaUrl("https://resource.example/1")
	resource.Resource().SetDroppedAttributesCount(1)
	scope := resource.ScopeSpans().At(0)
	scope.SetSchemaUrl("https://scope.example/1")
	scope.Scope().SetName("library")
	scope.Scope().SetVersion("1.1.1")
	scope.Scope().SetDroppedAttributesCount(2)
	span.TraceState().FromRaw("a=1,b=2")
	span.SetKind(ptrace.SpanKindConsumer)
	span.SetParentSpanID(newSpanID())
	span.SetFlags(0x101)
	span.SetDroppedAttributesCount(3)
	span.SetDroppedEventsCount(4)
	span.SetDroppedLinksCount(5)
	span.Status().SetCode(ptrace.StatusCodeError)
	span.Status().SetMessage("refused")
	for i := range 2 {
		event := span.Events().AppendEmpty()
		event.SetName(fmt.Sprint("event", i))
		event.SetTimestamp(span.StartTimestamp())
		event.SetDroppedAttributesCount(6)
	}
	link := span.Links().AppendEmpty()
	link.SetTraceID(newTraceID())
	link.SetSpanID(newSpanID())
	link.TraceState().FromRaw("c=3")
	link.SetFlags(1)
	link.SetDroppedAttributesCount(7)
	for _, place := range where {
		for key, value := range attributes {
			value.CopyTo(places[place](resource).PutEmpty(key))
		}
	}
	return traces
}

func onEachEngine(t *testing.T, test func(t *testing.T, s *integration.StorageIntegration)) {
	for _, engine := range engines {
		t.Run(engine, func(t *testing.T) {
			t.Parallel()
			test(t, storageV2(t, peer.Start(t, "--engine", engine)))
		})
	}
}

func around(service string, at time.Time) tracestore.TraceQueryParams {
	return tracestore.TraceQueryParams{
		ServiceName:  service,
		Attributes:   pcommon.NewMap(),
		StartTimeMin: at.Add(-time.Hour),
		StartTimeMax: at.Add(time.Hour),
		SearchDepth:  10,
	}
}

func find(t *testing.T, s *integration.StorageIntegration, query tracestore.TraceQueryParams) []ptrace.Traces {
	t.Helper()
	var found []ptrace.Traces
	for trace, err := range jptrace.AggregateTraces(s.TraceReader.FindTraces(context.Background(), query)) {
		require.NoError(t, err)
		found = append(found, trace)
	}
	return found
}

func encoded(t *testing.T, traces ptrace.Traces) string {
	t.Helper()
	text, err := (&ptrace.JSONMarshaler{}).MarshalTraces(traces)
	require.NoError(t, err)
	return string(text)
}

func TestEveryFieldComesBack(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *integration.StorageIntegration) {
		trace := fullTrace("full", time.Now(), values(), "resource", "scope", "span", "event", "link")
		require.NoError(t, s.TraceWriter.WriteTraces(context.Background(), trace))
		found := find(t, s, around("full", time.Now()))
		require.Len(t, found, 1)
		require.JSONEq(t, encoded(t, trace), encoded(t, found[0]))
	})
}

// An attribute is found by its value with its type, and by its text, which is what comes through Jaeger's query API.
func TestAttributesOfEveryTypeInEveryPlace(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *integration.StorageIntegration) {
		now := time.Now()
		for place := range places {
			require.NoError(t, s.TraceWriter.WriteTraces(context.Background(), fullTrace(place, now, values(), place)))
		}
		for place := range places {
			for key, value := range values() {
				query := around(place, now)
				value.CopyTo(query.Attributes.PutEmpty(key))
				require.Len(t, find(t, s, query), 1, "%s %s", place, key)
				query.Attributes.PutStr(key, value.AsString())
				require.Len(t, find(t, s, query), 1, "%s %s as text", place, key)
				query.Attributes.PutStr(key, value.AsString()+"0")
				require.Empty(t, find(t, s, query), "%s %s with another value", place, key)
			}
		}
	})
}

func TestNewestTracesWhereThereAreMoreThanAskedFor(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *integration.StorageIntegration) {
		start := time.Now().Add(-time.Minute)
		var ids []string
		for i := range 20 {
			traces := ptrace.NewTraces()
			span := addSpan(traces, "busy", start.Add(time.Duration(i*7%20)*time.Second))
			if i*7%20 >= 15 {
				ids = append(ids, span.TraceID().String())
			}
			require.NoError(t, s.TraceWriter.WriteTraces(context.Background(), traces))
		}
		query := around("busy", start)
		query.SearchDepth = 5
		var found, foundIDs []string
		for _, trace := range find(t, s, query) {
			found = append(found, trace.ResourceSpans().At(0).ScopeSpans().At(0).Spans().At(0).TraceID().String())
		}
		for batch, err := range s.TraceReader.FindTraceIDs(context.Background(), query) {
			require.NoError(t, err)
			for _, one := range batch {
				foundIDs = append(foundIDs, pcommon.TraceID(one.TraceID).String())
			}
		}
		slices.Sort(ids)
		slices.Sort(found)
		slices.Sort(foundIDs)
		require.Equal(t, ids, found)
		require.Equal(t, ids, foundIDs)
	})
}

func TestManyTracesInOneExportAndInOneRead(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *integration.StorageIntegration) {
		traces := ptrace.NewTraces()
		var wanted []tracestore.GetTraceParams
		for i := range 500 {
			span := addSpan(traces, fmt.Sprint("service-", i%3), time.Now())
			// Traces take turns, and each has spans of another service too.
			if i >= 250 {
				span.SetTraceID(pcommon.TraceID(wanted[i-250].TraceID))
			} else {
				wanted = append(wanted, tracestore.GetTraceParams{TraceID: span.TraceID()})
			}
		}
		require.NoError(t, s.TraceWriter.WriteTraces(context.Background(), traces))
		count := 0
		unknown := tracestore.GetTraceParams{TraceID: newTraceID()}
		all := s.TraceReader.GetTraces(context.Background(), append(wanted, unknown)...)
		for trace, err := range jptrace.AggregateTraces(all) {
			require.NoError(t, err)
			require.Equal(t, 2, trace.SpanCount())
			count++
		}
		require.Equal(t, 250, count)
	})
}

func TestSearchWithoutServiceName(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *integration.StorageIntegration) {
		now := time.Now()
		for _, service := range []string{"cross-a", "cross-b"} {
			attributes := map[string]pcommon.Value{"cross": pcommon.NewValueStr(service)}
			attributes["both"] = pcommon.NewValueStr("yes")
			require.NoError(t, s.TraceWriter.WriteTraces(context.Background(), fullTrace(service, now, attributes, "span")))
		}
		query := around("", now)
		query.Attributes.PutStr("both", "yes")
		require.Len(t, find(t, s, query), 2)
		query.Attributes.PutStr("cross", "cross-b")
		require.Len(t, find(t, s, query), 1)
	})
}

// A gRPC message of 4 MiB is the most that Jaeger takes.
func TestTraceLargerThanAMessage(t *testing.T) {
	onEachEngine(t, func(t *testing.T, s *integration.StorageIntegration) {
		traces := ptrace.NewTraces()
		text := string(make([]byte, 100_000))
		for range 120 {
			span := addSpan(traces, "large", time.Now())
			span.SetTraceID(pcommon.TraceID{1})
			span.Attributes().PutStr("text", text)
		}
		require.NoError(t, s.TraceWriter.WriteTraces(context.Background(), traces))
		found := find(t, s, around("large", time.Now()))
		require.Len(t, found, 1)
		require.Equal(t, 120, found[0].SpanCount())
	})
}
