package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"net/http"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
	"github.com/grafana/grafana-plugin-sdk-go/backend/resource/httpadapter"
	"github.com/grafana/grafana-plugin-sdk-go/data"
)

const (
	mostPoints = 1_000_000
	mostRows   = 1_000
)

var kinds = []string{"time-series", "table"}

type basic struct {
	backend.CallResourceHandler
	scale float64
}

func newBasic(_ context.Context, settings backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	read := struct{ Scale float64 }{Scale: 1}
	if len(settings.JSONData) > 0 {
		if err := json.Unmarshal(settings.JSONData, &read); err != nil {
			return nil, backend.DownstreamErrorf("its settings are wrong: %w", err)
		}
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /kinds", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(kinds)
	})
	return &basic{CallResourceHandler: httpadapter.New(mux), scale: read.Scale}, nil
}

func (b *basic) CheckHealth(context.Context, *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	return &backend.CheckHealthResult{Status: backend.HealthStatusOk, Message: fmt.Sprintf("scale is %v", b.scale)}, nil
}

func (b *basic) QueryData(_ context.Context, request *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	response := backend.NewQueryDataResponse()
	for _, query := range request.Queries {
		response.Responses[query.RefID] = b.query(query)
	}
	return response, nil
}

func (b *basic) query(query backend.DataQuery) backend.DataResponse {
	model := struct {
		Kind   string
		Points int
	}{"time-series", 100}
	if err := json.Unmarshal(query.JSON, &model); err != nil {
		return wrong(err.Error())
	}
	if model.Points < 1 || model.Points > mostPoints {
		return wrong(fmt.Sprintf("points is %d", model.Points))
	}
	switch model.Kind {
	case "time-series":
		return backend.DataResponse{Frames: data.Frames{b.timeSeries(model.Points, query.TimeRange)}}
	case "table":
		return backend.DataResponse{Frames: data.Frames{b.table(model.Points)}}
	}
	return wrong("kind is " + model.Kind)
}

func wrong(why string) backend.DataResponse {
	return backend.ErrDataResponseWithSource(backend.StatusBadRequest, backend.ErrorSourceDownstream, "the query is wrong: "+why)
}

func (b *basic) timeSeries(points int, within backend.TimeRange) *data.Frame {
	times := make([]time.Time, points)
	from, to := float64(within.From.UnixMilli()), float64(within.To.UnixMilli())
	for i := range times {
		at := from + float64(i)*(to-from)/float64(max(points-1, 1))
		times[i] = time.UnixMilli(int64(math.Floor(at + 0.5))).UTC()
	}
	return data.NewFrame("sine", data.NewField("time", nil, times), data.NewField("value", nil, b.sine(points, points)))
}

func (b *basic) table(points int) *data.Frame {
	rows := min(points, mostRows)
	values := b.sine(rows, points)
	names := make([]string, rows)
	positive := make([]bool, rows)
	for i, value := range values {
		names[i] = fmt.Sprintf("point %d", i)
		positive[i] = value >= 0
	}
	frame := data.NewFrame("table",
		data.NewField("name", nil, names), data.NewField("value", nil, values), data.NewField("ok", nil, positive))
	if rows < points {
		frame.AppendNotices(data.Notice{Text: fmt.Sprintf("Only the first %d of %d rows are shown", rows, points)})
	}
	return frame
}

func (b *basic) sine(count, points int) []float64 {
	values := make([]float64, count)
	for i := range values {
		values[i] = b.scale * math.Sin(2*math.Pi*float64(i)/float64(points))
	}
	return values
}
