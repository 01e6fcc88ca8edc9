package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"

	"crosslink/tests/interop/go/conformance/host"
)

// running is a plugin of the test's, ended with it.
type running struct {
	*host.Plugin
	kind   kind
	log    *buffer
	stderr *buffer
}

// launch starts a plugin; change may alter how.
func launch(t *testing.T, k kind, change ...func(*host.Options)) *running {
	t.Helper()
	p := &running{kind: k, log: &buffer{}, stderr: &buffer{}}
	options := host.Options{Command: k.command(t), Log: p.log, Stderr: p.stderr}
	for _, change := range change {
		change(&options)
	}
	started, err := host.Start(options)
	if err != nil {
		t.Fatalf("%s does not start: %v\nlog: %s", k.id, err, p.log)
	}
	p.Plugin = started
	t.Cleanup(func() {
		p.Client.Kill()
		if t.Failed() {
			t.Logf("standard error of %s:\n%s", k.id, tail(p.stderr.String(), 8000))
		}
	})
	return p
}

func tail(text string, length int) string {
	if len(text) <= length {
		return text
	}
	return "...\n" + text[len(text)-length:]
}

// buffer is a bytes.Buffer that goroutines share.
type buffer struct {
	mutex sync.Mutex
	bytes bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.bytes.Write(p)
}

func (b *buffer) String() string {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	return b.bytes.String()
}

// entries are the lines that the host has logged.
func (b *buffer) entries(t *testing.T) []map[string]any {
	t.Helper()
	var entries []map[string]any
	for line := range strings.Lines(b.String()) {
		var entry map[string]any
		if err := json.Unmarshal([]byte(line), &entry); err != nil {
			t.Fatalf("the host logged what is no JSON: %s", line)
		}
		entries = append(entries, entry)
	}
	return entries
}

// datasource makes settings of a datasource: change alters what Grafana would send.
func datasource(k kind, jsonData string, change ...func(*backend.DataSourceInstanceSettings)) backend.PluginContext {
	settings := &backend.DataSourceInstanceSettings{
		ID: 7, UID: "uid-1", Name: "My datasource", Type: k.id, URL: "http://127.0.0.1:1",
		JSONData: []byte(jsonData), Updated: time.UnixMilli(1_700_000_000_000),
	}
	for _, change := range change {
		change(settings)
	}
	return backend.PluginContext{
		OrgID: 1, PluginID: k.id, PluginVersion: "1.2.3",
		User:                       &backend.User{Login: "ann", Name: "Ann", Email: "ann@example.com", Role: "Editor"},
		DataSourceInstanceSettings: settings,
	}
}

func (p *running) settings() *pluginv2.PluginContext { return protoContext(datasource(p.kind, "{}")) }

func protoContext(c backend.PluginContext) *pluginv2.PluginContext {
	return backend.ToProto().PluginContext(c)
}

func query(refID, model string) backend.DataQuery {
	return backend.DataQuery{
		RefID: refID, MaxDataPoints: 1000, Interval: time.Second, JSON: []byte(model),
		TimeRange: backend.TimeRange{From: time.UnixMilli(1_700_000_000_000), To: time.UnixMilli(1_700_000_099_000)},
	}
}

// ask makes one request of these queries and decodes the answer as Grafana does.
func (p *running) ask(ctx context.Context, queries ...backend.DataQuery) (*backend.QueryDataResponse, error) {
	return p.request(ctx, &backend.QueryDataRequest{PluginContext: datasource(p.kind, "{}"), Queries: queries})
}

func (p *running) request(ctx context.Context, request *backend.QueryDataRequest) (*backend.QueryDataResponse, error) {
	answer, err := p.Data.QueryData(ctx, backend.ToProto().QueryDataRequest(request))
	if err != nil {
		return nil, err
	}
	return backend.FromProto().QueryDataResponse(answer)
}

// answered is ask for one query that has to be answered without an error.
func (p *running) answered(t *testing.T, model string) backend.DataResponse {
	t.Helper()
	response, err := p.ask(soon(t), query("A", model))
	if err != nil {
		t.Fatalf("%s: %v", model, err)
	}
	return single(t, response)
}

func single(t *testing.T, response *backend.QueryDataResponse) backend.DataResponse {
	t.Helper()
	answer, found := response.Responses["A"]
	if !found || len(response.Responses) != 1 {
		t.Fatalf("the answers are %v, not one to query A", response.Responses)
	}
	if answer.Error != nil || answer.Status != 200 {
		t.Fatalf("query A is answered with status %d: %v", answer.Status, answer.Error)
	}
	return answer
}

// resourceAnswer is what came of a resource, all pieces put together.
type resourceAnswer struct {
	code    int32
	headers map[string][]string
	body    []byte
	pieces  int
}

func (p *running) resource(ctx context.Context, method, url string, body []byte) (*resourceAnswer, error) {
	return p.resourceRequest(ctx, &pluginv2.CallResourceRequest{
		PluginContext: p.settings(), Method: method, Path: strings.SplitN(url, "?", 2)[0], Url: url, Body: body,
	})
}

func (p *running) resourceRequest(ctx context.Context, request *pluginv2.CallResourceRequest) (*resourceAnswer, error) {
	stream, err := p.Resource.CallResource(ctx, request)
	if err != nil {
		return nil, err
	}
	answer := &resourceAnswer{}
	for {
		piece, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return answer, nil
		}
		if err != nil {
			return answer, err
		}
		if answer.pieces == 0 {
			answer.code = piece.Code
			answer.headers = map[string][]string{}
			for name, list := range piece.Headers {
				answer.headers[name] = list.Values
			}
		}
		answer.pieces++
		answer.body = append(answer.body, piece.Body...)
	}
}

// must is resource for what has to succeed, and to be JSON where into is given.
func (p *running) must(t *testing.T, method, url string, into any) {
	t.Helper()
	answer, err := p.resource(soon(t), method, url, nil)
	if err != nil || answer.code < 200 || answer.code > 299 {
		t.Fatalf("%s %s: %v %+v", method, url, err, answer)
	}
	if into == nil {
		return
	}
	if err := json.Unmarshal(answer.body, into); err != nil {
		t.Fatalf("%s %s: %v: %s", method, url, err, answer.body)
	}
}

// sinkState is what the kitchen sink tells of itself.
type sinkState struct {
	InstancesMade, InstancesDisposed, Running, Aborted, Returned, Slow, AbortedQueries, CancelledBodies, Packets, Pid int
}

func (p *running) state(t *testing.T) (state sinkState) {
	t.Helper()
	p.must(t, "GET", "state", &state)
	return state
}

// pid is the plugin's own, which the host need not be the direct parent of.
func (p *running) pid() int { return p.Command.Process.Pid }

func soon(t testing.TB) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// eventually waits until something holds, and fails when it does not within 15 s: a busy machine is slow.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Fatalf("waited in vain: %s", what)
}

func alive(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return false
	}
	// A zombie has ended and waits for its parent to notice.
	return !strings.Contains(string(status[bytes.LastIndexByte(status, ')'):]), " Z ")
}

func withCancel(t *testing.T) (context.Context, context.CancelFunc) {
	t.Helper()
	return context.WithCancel(soon(t))
}

// together runs something so many times at once, and fails with the first error.
func together(t *testing.T, times int, run func(i int) error) {
	t.Helper()
	var group sync.WaitGroup
	failures := make(chan error, times)
	for i := range times {
		group.Go(func() {
			if err := run(i); err != nil {
				failures <- err
			}
		})
	}
	group.Wait()
	close(failures)
	if err := <-failures; err != nil {
		t.Fatalf("one of %d at once, and %d others: %v", times, len(failures), err)
	}
}

// forever is for a program that is killed.
var forever = context.Background()
