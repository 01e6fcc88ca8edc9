package conformance

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/data"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdkstatus "github.com/grafana/grafana-plugin-sdk-go/experimental/status"
)

func (p *running) subscribe(t *testing.T, path, payload string) (*backend.SubscribeStreamResponse, error) {
	t.Helper()
	answer, err := p.Stream.SubscribeStream(soon(t), &pluginv2.SubscribeStreamRequest{
		PluginContext: p.settings(), Path: path, Data: []byte(payload),
	})
	if err != nil {
		return nil, err
	}
	return backend.FromProto().SubscribeStreamResponse(answer), nil
}

func (p *running) publish(t *testing.T, path, payload string) *backend.PublishStreamResponse {
	t.Helper()
	answer, err := p.Stream.PublishStream(soon(t), &pluginv2.PublishStreamRequest{
		PluginContext: p.settings(), Path: path, Data: []byte(payload),
	})
	if err != nil {
		t.Fatal(err)
	}
	return backend.FromProto().PublishStreamResponse(answer)
}

func (p *running) run(ctx context.Context, path string) (pluginv2.Stream_RunStreamClient, error) {
	return p.Stream.RunStream(ctx, &pluginv2.RunStreamRequest{PluginContext: p.settings(), Path: path})
}

func TestSubscribe(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	for path, wanted := range map[string]backend.SubscribeStreamStatus{
		"ticks": backend.SubscribeStreamStatusOK, "private": backend.SubscribeStreamStatusPermissionDenied,
		"nothing": backend.SubscribeStreamStatusNotFound,
	} {
		answer, err := p.subscribe(t, path, "")
		if err != nil || answer.Status != wanted || answer.InitialData != nil && len(answer.InitialData.Data()) > 0 {
			t.Errorf("%s: %v %+v", path, err, answer)
		}
	}
	if _, err := p.subscribe(t, "throw", ""); status.Code(err) != codes.Unknown || !strings.Contains(err.Error(), "no subscription") {
		t.Errorf("throw: %v", err)
	}
}

func TestInitialData(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	answer, err := p.subscribe(t, "schema", "")
	if err != nil {
		t.Fatal(err)
	}
	var frame data.Frame
	if err := json.Unmarshal(answer.InitialData.Data(), &frame); err != nil {
		t.Fatalf("%v: %s", err, answer.InitialData.Data())
	}
	if frame.Rows() != 0 || len(frame.Fields) != 2 || frame.Fields[0].Type() != data.FieldTypeTime {
		t.Errorf("the schema is %s", answer.InitialData.Data())
	}
	answer, err = p.subscribe(t, "echo", `{"from": "the subscriber"}`)
	if err != nil || string(answer.InitialData.Data()) != `{"data":{"from":"the subscriber"}}` {
		t.Errorf("%v %s", err, answer.InitialData.Data())
	}
}

func TestPublish(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	for path, wanted := range map[string]backend.PublishStreamStatus{
		"quiet": backend.PublishStreamStatusOK, "private": backend.PublishStreamStatusPermissionDenied,
		"nothing": backend.PublishStreamStatusNotFound,
	} {
		if answer := p.publish(t, path, `1`); answer.Status != wanted || len(answer.Data) > 0 {
			t.Errorf("%s: %+v", path, answer)
		}
	}
	if answer := p.publish(t, "echo", `[1]`); answer.Status != backend.PublishStreamStatusOK || string(answer.Data) != `{"data":[1]}` {
		t.Errorf("echo: %v %s", answer.Status, answer.Data)
	}
}

func TestAStreamThatReturnsEnds(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	stream, err := p.run(soon(t), "count/5")
	if err != nil {
		t.Fatal(err)
	}
	for i := range 5 {
		packet, err := stream.Recv()
		if err != nil || string(packet.Data) != fmt.Sprintf(`{"i":%d}`, i) {
			t.Fatalf("packet %d: %v %v", i, packet, err)
		}
	}
	if packet, err := stream.Recv(); !errors.Is(err, io.EOF) {
		t.Errorf("the end is %v %v, not EOF", packet, err)
	}
	if state := p.state(t); state.Returned != 1 || state.Running != 0 || state.Aborted != 0 {
		t.Errorf("%+v", state)
	}
}

func TestFramesOfAStream(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	stream, err := p.run(soon(t), "rows")
	if err != nil {
		t.Fatal(err)
	}
	first, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	var frame data.Frame
	if err := json.Unmarshal(first.Data, &frame); err != nil || frame.Rows() != 1 {
		t.Fatalf("%v: %s", err, first.Data)
	}
	wanted := data.NewFrame("line",
		data.NewField("time", nil, []time.Time{time.Unix(0, startNs).UTC()}), data.NewField("value", nil, []float64{0}))
	if diff := cmp.Diff(wanted, &frame, data.FrameTestCompareOptions()...); diff != "" {
		t.Errorf("the frame is another one (- wanted, + got):\n%s", diff)
	}
	second, err := stream.Recv()
	if err != nil {
		t.Fatal(err)
	}
	var keys map[string]json.RawMessage
	if err := json.Unmarshal(second.Data, &keys); err != nil || len(keys) != 1 || keys["data"] == nil {
		t.Errorf("a packet of rows has more than rows: %v %s", err, second.Data)
	}
}

func TestACancelledStreamIsAborted(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	ctx, cancel := withCancel(t)
	stream, err := p.run(ctx, "ticks")
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := stream.Recv(); err != nil {
			t.Fatal(err)
		}
	}
	if state := p.state(t); state.Running != 1 {
		t.Errorf("%+v", state)
	}
	cancel()
	eventually(t, "the plugin's generator ends", func() bool { return p.state(t).Running == 0 })
	if state := p.state(t); state.Aborted != 1 || state.Returned != 0 {
		t.Errorf("%+v", state)
	}
}

func TestAStreamThatThrowsIsAnError(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	for path, wanted := range map[string]struct {
		says    string
		packets int
	}{
		"throw": {"the stream broke", 1}, "throw/downstream": {"the feed is down", 1}, "no-json": {"JSON", 0},
	} {
		stream, err := p.run(soon(t), path)
		packets := 0
		for err == nil {
			if _, err = stream.Recv(); err == nil {
				packets++
			}
		}
		if status.Code(err) != codes.Unknown || !strings.Contains(err.Error(), wanted.says) || packets != wanted.packets {
			t.Errorf("%s: %d packets, and then %v", path, packets, err)
		}
		source, known := backend.ErrorSourceFromGrpcStatusError(sdkstatus.InitSource(soon(t)), err)
		if isDownstream := path == "throw/downstream"; known != isDownstream || isDownstream && source != backend.ErrorSourceDownstream {
			t.Errorf("%s: the error source is %q (%v)", path, source, known)
		}
	}
	if state := p.state(t); state.Running != 0 {
		t.Errorf("%+v", state)
	}
}

func Test200StreamsAtOnce(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	const count = 200
	ctx, cancel := withCancel(t)
	first := make(chan struct{}, count)
	ended := make(chan error, count)
	for i := range count {
		go func() {
			stream, err := p.run(ctx, fmt.Sprintf("ticks/%d", i))
			seen := 0
			for err == nil {
				if _, err = stream.Recv(); err == nil {
					if seen++; seen == 5 {
						first <- struct{}{}
					}
				}
			}
			ended <- err
		}()
	}
	for i := range count {
		select {
		case <-first:
		case err := <-ended:
			t.Fatalf("a stream ended: %v", err)
		case <-ctx.Done():
			t.Fatalf("%d of %d streams bring packets", i, count)
		}
	}
	if state := p.state(t); state.Running != count {
		t.Errorf("%+v", state)
	}
	cancel()
	for range count {
		if err := <-ended; status.Code(err) != codes.Canceled {
			t.Errorf("a stream ended with %v", err)
		}
	}
	eventually(t, "all generators end", func() bool { return p.state(t).Running == 0 })
	works(t, p)
}

// The host leaves in the middle of a large packet, and asks something else at the same moment.
func TestAnswersArriveWhileALargeStreamIsCancelled(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	for i := range 100 {
		ctx, cancel := withCancel(t)
		stream, err := p.run(ctx, "fast/3000000")
		for packets := 0; err == nil && packets < 3+i%5; packets++ {
			_, err = stream.Recv()
		}
		if err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Duration(i%4) * time.Millisecond)
		cancel()
		within, done := context.WithTimeout(context.Background(), 5*time.Second)
		_, err = p.resource(within, "GET", "state", nil)
		done()
		if err != nil {
			t.Fatalf("after %d cancelled streams there is no answer: %v", i, err)
		}
	}
}
