package main

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"

	"crosslink/tests/interop/go/conformance/host"
)

type queries struct {
	// One at a time: until the bytes are there. That the host decodes them is the same for every plugin.
	LatencyMs spread `json:"latencyMs"`
	// So many in flight.
	InFlight   int     `json:"inFlight"`
	PerSecond  float64 `json:"perSecond"`
	FrameBytes int     `json:"frameBytes"`
}

type streamed struct {
	FramesPerSecond float64 `json:"framesPerSecond"`
	FrameBytes      int     `json:"frameBytes"`
}

func (b *bench) queries(p *host.Plugin) (map[string]queries, error) {
	all := map[string]queries{}
	for _, points := range []int{1, 1000, 100_000} {
		request := b.request(points)
		frameBytes, err := b.check(p, request, points)
		if err != nil {
			return nil, err
		}
		ask := func() error {
			_, err := p.Data.QueryData(background, request)
			return err
		}
		if _, err := repeat(b.load/3, 1, ask); err != nil {
			return nil, err
		}
		var latency samples
		timed := func() error {
			began := time.Now()
			err := ask()
			latency.add(time.Since(began))
			return err
		}
		if _, err := repeat(b.load/2, 1, timed); err != nil {
			return nil, err
		}
		if _, err := repeat(b.load/3, b.inFlight, ask); err != nil {
			return nil, err
		}
		perSecond, err := repeat(b.load, b.inFlight, ask)
		if err != nil {
			return nil, err
		}
		all[fmt.Sprint(points)] = queries{latency.spread(), b.inFlight, perSecond, frameBytes}
	}
	return all, nil
}

func (b *bench) request(points int) *pluginv2.QueryDataRequest {
	model, _ := json.Marshal(map[string]any{"refId": "A", "kind": "time-series", "points": points})
	return &pluginv2.QueryDataRequest{
		PluginContext: b.context(), Format: pluginv2.DataFrameFormat(b.format),
		Queries: []*pluginv2.DataQuery{{
			RefId: "A", Json: model, MaxDataPoints: 1000, IntervalMS: 1000,
			TimeRange: &pluginv2.TimeRange{FromEpochMS: 1_700_000_000_000, ToEpochMS: 1_700_003_600_000},
		}},
	}
}

// check sees that the answer is right: a fast wrong one is worth nothing.
func (b *bench) check(p *host.Plugin, request *pluginv2.QueryDataRequest, points int) (int, error) {
	answer, err := p.Data.QueryData(background, request)
	if err != nil {
		return 0, err
	}
	decoded, err := backend.FromProto().QueryDataResponse(answer)
	if err != nil {
		return 0, err
	}
	a := decoded.Responses["A"]
	if a.Error != nil || len(a.Frames) != 1 || a.Frames[0].Rows() != points {
		return 0, fmt.Errorf("the answer to a query of %d points is %v", points, a)
	}
	return len(answer.Responses["A"].Frames[0]), nil
}

// repeat runs something for so long, so many at a time, and says how often it ran in a second.
func repeat(load time.Duration, inFlight int, run func() error) (float64, error) {
	var count atomic.Int64
	var failure atomic.Value
	var group sync.WaitGroup
	began := time.Now()
	for range inFlight {
		group.Go(func() {
			for time.Since(began) < load && failure.Load() == nil {
				if err := run(); err != nil {
					failure.Store(err)
					return
				}
				count.Add(1)
			}
		})
	}
	group.Wait()
	if err, failed := failure.Load().(error); failed {
		return 0, err
	}
	return float64(count.Load()) / time.Since(began).Seconds(), nil
}

func (b *bench) stream(p *host.Plugin) (*streamed, error) {
	ctx, cancel := context.WithCancel(background)
	defer cancel()
	stream, err := p.Stream.RunStream(ctx, &pluginv2.RunStreamRequest{PluginContext: b.context(), Path: "stream"})
	if err != nil {
		return nil, err
	}
	first, err := stream.Recv()
	if err != nil {
		return nil, err
	}
	var frame data.Frame
	if err := json.Unmarshal(first.Data, &frame); err != nil || frame.Rows() != 1 {
		return nil, fmt.Errorf("a packet is no frame of one row: %w", err)
	}
	receive := func() error {
		_, err := stream.Recv()
		return err
	}
	if _, err := repeat(b.load/3, 1, receive); err != nil {
		return nil, err
	}
	perSecond, err := repeat(b.load, 1, receive)
	if err != nil {
		return nil, err
	}
	return &streamed{perSecond, len(first.Data)}, nil
}
