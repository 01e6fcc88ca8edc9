package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/instancemgmt"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/live"
)

const stream = "stream"

type streaming struct {
	uid      string
	interval time.Duration
	mutex    sync.Mutex
	value    float64
}

func newStreaming(_ context.Context, settings backend.DataSourceInstanceSettings) (instancemgmt.Instance, error) {
	read := struct{ IntervalMs int }{1000}
	if len(settings.JSONData) > 0 {
		if err := json.Unmarshal(settings.JSONData, &read); err != nil {
			return nil, backend.DownstreamErrorf("its settings are wrong: %w", err)
		}
	}
	if read.IntervalMs < 0 || read.IntervalMs > 60_000 {
		return nil, backend.DownstreamError(errors.New("its settings are wrong: intervalMs is from 0 to 60000"))
	}
	return &streaming{uid: settings.UID, interval: time.Duration(read.IntervalMs) * time.Millisecond}, nil
}

func (s *streaming) CheckHealth(context.Context, *backend.CheckHealthRequest) (*backend.CheckHealthResult, error) {
	message := fmt.Sprintf("a value every %d ms", s.interval.Milliseconds())
	return &backend.CheckHealthResult{Status: backend.HealthStatusOk, Message: message}, nil
}

func (s *streaming) QueryData(_ context.Context, request *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	response := backend.NewQueryDataResponse()
	for _, query := range request.Queries {
		frame := frameOf(nil, nil)
		channel := live.Channel{Scope: live.ScopeDatasource, Namespace: s.uid, Path: stream}
		frame.SetMeta(&data.FrameMeta{Channel: channel.String()})
		response.Responses[query.RefID] = backend.DataResponse{Frames: data.Frames{frame}}
	}
	return response, nil
}

func (s *streaming) SubscribeStream(
	_ context.Context, request *backend.SubscribeStreamRequest,
) (*backend.SubscribeStreamResponse, error) {
	if request.Path != stream {
		return &backend.SubscribeStreamResponse{Status: backend.SubscribeStreamStatusNotFound}, nil
	}
	s.mutex.Lock()
	defer s.mutex.Unlock()
	initial, err := backend.NewInitialFrame(frameOf([]time.Time{time.Now()}, []float64{s.value}), data.IncludeAll)
	return &backend.SubscribeStreamResponse{Status: backend.SubscribeStreamStatusOK, InitialData: initial}, err
}

func (s *streaming) PublishStream(context.Context, *backend.PublishStreamRequest) (*backend.PublishStreamResponse, error) {
	return &backend.PublishStreamResponse{Status: backend.PublishStreamStatusPermissionDenied}, nil
}

func (s *streaming) RunStream(ctx context.Context, _ *backend.RunStreamRequest, sender *backend.StreamSender) error {
	for ctx.Err() == nil {
		if err := sender.SendFrame(frameOf([]time.Time{time.Now()}, []float64{s.next()}), data.IncludeAll); err != nil {
			return err
		}
		if s.interval > 0 {
			select {
			case <-time.After(s.interval):
			case <-ctx.Done():
			}
		}
	}
	return ctx.Err()
}

func (s *streaming) next() float64 {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.value += rand.Float64() - 0.5
	return s.value
}

func frameOf(times []time.Time, values []float64) *data.Frame {
	return data.NewFrame(stream, data.NewField("time", nil, times), data.NewField("value", nil, values))
}
