package conformance

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"iter"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/experimental/datasourcetest"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	"google.golang.org/grpc"
)

type chunks struct {
	grpc.ServerStreamingClient[pluginv2.QueryChunkedDataResponse]
}

func (c chunks) all() iter.Seq2[*pluginv2.QueryChunkedDataResponse, error] {
	return func(yield func(*pluginv2.QueryChunkedDataResponse, error) bool) {
		for {
			chunk, err := c.Recv()
			if errors.Is(err, io.EOF) || !yield(chunk, err) || err != nil {
				return
			}
		}
	}
}

func (p *running) chunked(t *testing.T, format backend.DataFrameFormat, queries ...backend.DataQuery) chunks {
	t.Helper()
	stream, err := p.Data.QueryChunkedData(soon(t), backend.ToProto().QueryChunkedDataRequest(&backend.QueryChunkedDataRequest{
		PluginContext: datasource(kitchenSink, "{}"), Queries: queries, Format: format,
	}))
	if err != nil {
		t.Fatal(err)
	}
	return chunks{stream}
}

func TestChunkedQueries(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	accumulate := map[string]func(iter.Seq2[*pluginv2.QueryChunkedDataResponse, error]) (*backend.QueryDataResponse, error){
		"Arrow": datasourcetest.AccumulateArrow, "JSON": datasourcetest.AccumulateJSON,
	}
	for name, format := range formats {
		response, err := accumulate[name](p.chunked(t, format,
			query("A", `{"chunks": 5, "rows": 3}`), query("B", `{"chunks": 1, "rows": 0}`)).all())
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		a, b := response.Responses["A"], response.Responses["B"]
		if a.Error != nil || len(a.Frames) != 1 || a.Frames[0].Rows() != 15 {
			t.Errorf("%s: five chunks of three rows are %v", name, a)
		}
		if b.Error != nil || len(b.Frames) != 1 || b.Frames[0].Rows() != 0 {
			t.Errorf("%s: a chunk without rows is %v", name, b)
		}
	}
}

func TestChunkedQueriesFailAlone(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	stream := p.chunked(t, backend.DataFrameFormat_ARROW,
		query("A", `{"chunks": 3, "failAfter": 1}`), query("B", `{}`), query("C", `{"chunks": 2}`))
	frames := map[string]int{}
	failed := map[string]*pluginv2.QueryChunkedDataResponse{}
	for chunk, err := range stream.all() {
		if err != nil {
			t.Fatal(err)
		}
		if chunk.Error == "" {
			frames[chunk.RefId]++
		} else {
			failed[chunk.RefId] = chunk
		}
	}
	if diff := cmp.Diff(map[string]int{"A": 1, "C": 2}, frames); diff != "" {
		t.Errorf("frames by query (- wanted, + got):\n%s", diff)
	}
	if a := failed["A"]; a == nil || a.ErrorSource != "downstream" || len(a.Frame) != 0 || a.Error != "the rest is lost" {
		t.Errorf("query A failed with %v", a)
	}
	if b := failed["B"]; b == nil || b.Status != 400 || b.ErrorSource != "plugin" {
		t.Errorf("query B failed with %v", b)
	}
}

func TestChunksAreWhatTheyWereWhenTheyWereYielded(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	for name, format := range formats {
		stream := p.chunked(t, format, query("A", `{"chunks": 300, "rows": 4000}`))
		// What is made meanwhile waits on the way.
		time.Sleep(500 * time.Millisecond)
		count := 0
		var fields []byte
		for chunk, err := range stream.all() {
			if err != nil {
				t.Fatal(err)
			}
			frame := &data.Frame{}
			if format == backend.DataFrameFormat_ARROW {
				frame, err = data.UnmarshalArrowFrame(chunk.Frame)
			} else {
				// Later chunks have rows only.
				if count == 0 {
					fields, _, _ = bytes.Cut(chunk.Frame, []byte(`"data":`))
				}
				err = json.Unmarshal(append(bytes.Clone(fields), bytes.TrimPrefix(bytes.TrimPrefix(chunk.Frame, fields), []byte("{"))...), frame)
			}
			if err != nil {
				t.Fatalf("%s: chunk %d: %v: %.300s", name, count, err, chunk.Frame)
			}
			if frame.Rows() != 4000 {
				t.Fatalf("%s: chunk %d has %d rows", name, count, frame.Rows())
			}
			for row := range frame.Rows() {
				if value := frame.At(0, row).(float64); value != float64(count) {
					t.Fatalf("%s: row %d of chunk %d is %v: it was changed after it was yielded", name, row, count, value)
				}
			}
			count++
		}
		if count != 300 {
			t.Errorf("%s: %d chunks", name, count)
		}
	}
}
