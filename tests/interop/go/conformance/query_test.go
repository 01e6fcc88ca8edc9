package conformance

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/backend/useragent"
	"github.com/grafana/grafana-plugin-sdk-go/config"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	sdkstatus "github.com/grafana/grafana-plugin-sdk-go/experimental/status"
)

func TestOneBadQueryFailsAlone(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	response, err := p.ask(soon(t),
		query("good", `{"kind": "line", "points": 5}`),
		query("throw", `{"kind": "throw", "message": "a bug"}`),
		query("thrown-text", `{"kind": "throw-no-error", "message": "just a text"}`),
		query("reject", `{"kind": "reject", "message": "a rejection"}`),
		query("downstream", `{"kind": "downstream", "message": "no database", "status": 503}`),
		query("downstream-without-status", `{"kind": "downstream", "message": "no database"}`),
		query("both", `{"kind": "frames-and-error", "message": "half of it", "status": 502}`),
		query("uneven", `{"kind": "uneven-frame"}`),
		query("unknown", `{"kind": "no such kind"}`),
		query("wrong", `{"kind": "line", "points": "many"}`),
		query("no-json", `{"kind": `),
	)
	if err != nil {
		t.Fatal(err)
	}
	for refID, wanted := range map[string]struct {
		status backend.Status
		source backend.ErrorSource
		says   string
		rows   int
	}{
		"good":                      {200, "", "", 5},
		"throw":                     {500, backend.ErrorSourcePlugin, "a bug", 0},
		"thrown-text":               {500, backend.ErrorSourcePlugin, "just a text", 0},
		"reject":                    {500, backend.ErrorSourcePlugin, "a rejection", 0},
		"downstream":                {503, backend.ErrorSourceDownstream, "no database", 0},
		"downstream-without-status": {500, backend.ErrorSourceDownstream, "no database", 0},
		"both":                      {502, backend.ErrorSourcePlugin, "half of it", 2},
		"uneven":                    {500, backend.ErrorSourcePlugin, "3", 0},
		"unknown":                   {400, backend.ErrorSourceDownstream, "the query is wrong", 0},
		"wrong":                     {400, backend.ErrorSourceDownstream, "points", 0},
		"no-json":                   {400, backend.ErrorSourcePlugin, "no JSON", 0},
	} {
		answer, found := response.Responses[refID]
		if !found {
			t.Errorf("query %s has no answer", refID)
			continue
		}
		if answer.Status != wanted.status {
			t.Errorf("query %s: status %d, not %d (%v)", refID, answer.Status, wanted.status, answer.Error)
		}
		rows := 0
		for _, frame := range answer.Frames {
			rows += frame.Rows()
		}
		if rows != wanted.rows {
			t.Errorf("query %s: %d rows, not %d", refID, rows, wanted.rows)
		}
		if wanted.says == "" {
			if answer.Error != nil {
				t.Errorf("query %s: %v", refID, answer.Error)
			}
			continue
		}
		if answer.Error == nil || !strings.Contains(answer.Error.Error(), wanted.says) {
			t.Errorf("query %s: the error is %v, which does not say %q", refID, answer.Error, wanted.says)
		}
		if answer.Error != nil && strings.Contains(answer.Error.Error(), "    at ") {
			t.Errorf("query %s: a stack in the answer: %v", refID, answer.Error)
		}
		if answer.ErrorSource != wanted.source {
			t.Errorf("query %s: the error source is %q, not %q", refID, answer.ErrorSource, wanted.source)
		}
	}
}

func TestACallThatFailsAsAWhole(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	for model, wanted := range map[string]struct {
		says   string
		source backend.ErrorSource
		known  bool
	}{
		`{"kind": "throw-call"}`:            {"the whole call broke", backend.ErrorSourcePlugin, false},
		`{"kind": "throw-call-downstream"}`: {"the database is down", backend.ErrorSourceDownstream, true},
	} {
		whole := query("A", model)
		whole.QueryType = "whole"
		_, err := p.ask(soon(t), whole)
		if code := status.Code(err); code != codes.Unknown || !strings.Contains(err.Error(), wanted.says) {
			t.Errorf("%s: the error is %v, not UNKNOWN with %q", model, err, wanted.says)
		}
		source, known := backend.ErrorSourceFromGrpcStatusError(sdkstatus.InitSource(soon(t)), err)
		if known != wanted.known || known && source != wanted.source {
			t.Errorf("%s: the error source is %q (%v), not %q", model, source, known, wanted.source)
		}
	}
	if p.answered(t, `{"kind": "line"}`).Frames[0].Rows() != 100 {
		t.Error("the plugin does not answer any more")
	}
}

func TestCallWithoutADatasource(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	response, err := p.request(soon(t), &backend.QueryDataRequest{
		PluginContext: backend.PluginContext{OrgID: 1, PluginID: kitchenSink.id},
		Queries:       []backend.DataQuery{query("A", `{"kind": "line"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	if a := response.Responses["A"]; a.Status != 400 || a.Error == nil {
		t.Errorf("the answer is %d %v", a.Status, a.Error)
	}
}

func TestWhatAPluginSeesOfACall(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	agent, err := useragent.New("12.4.0", "linux", "amd64")
	if err != nil {
		t.Fatal(err)
	}
	about := datasource(kitchenSink, `{"some": {"thing": 1}}`, func(s *backend.DataSourceInstanceSettings) {
		s.User, s.Database, s.BasicAuthEnabled, s.BasicAuthUser = "bob", "db", true, "carol"
		s.DecryptedSecureJSONData = map[string]string{"password": "hunter2"}
		s.APIVersion = "v1"
	})
	about.UserAgent, about.Namespace, about.APIVersion = agent, "stacks-1", "v0"
	about.GrafanaConfig = config.NewGrafanaCfg(map[string]string{
		"GF_APP_URL": "http://grafana/", "GF_INSTANCE_FEATURE_TOGGLES_ENABLE": "other,someToggle",
	})
	request := &backend.QueryDataRequest{PluginContext: about, Queries: []backend.DataQuery{query("A", `{"kind": "context"}`)}}
	request.SetHTTPHeader("X-Dashboard-Uid", "dash")
	request.Headers["Authorization"] = "Bearer token"
	request.Headers["X-ID-Token"] = "id"
	request.Headers["Cookie"] = "a=b"
	request.Headers["FromAlert"] = "true"
	request.Headers["not-a-header"] = "of Grafana's own"
	response, err := p.request(soon(t), request)
	if err != nil {
		t.Fatal(err)
	}
	frame := single(t, response).Frames[0]
	var seen map[string]any
	text, _ := frame.Fields[0].ConcreteAt(0)
	if err := json.Unmarshal([]byte(text.(string)), &seen); err != nil {
		t.Fatal(err)
	}
	wanted := map[string]any{
		"orgId": 1.0, "pluginId": kitchenSink.id, "pluginVersion": "1.2.3", "userAgent": "Grafana/12.4.0 (linux; amd64)",
		"apiVersion": "v0", "namespace": "stacks-1", "appUrl": "http://grafana/", "toggle": true,
		"user": map[string]any{"login": "ann", "name": "Ann", "email": "ann@example.com", "role": "Editor"},
		"datasource": map[string]any{
			"uid": "uid-1", "name": "My datasource", "type": kitchenSink.id, "url": "http://127.0.0.1:1", "user": "bob",
			"database": "db", "basicAuthEnabled": true, "basicAuthUser": "carol", "id": 7.0, "apiVersion": "v1",
			"jsonData":   map[string]any{"some": map[string]any{"thing": 1.0}, "health": "ok"},
			"secureKeys": []any{"password"}, "updated": "2023-11-14T22:13:20.000Z",
		},
		"headers": map[string]any{
			"authorization": "Bearer token", "cookie": "a=b", "fromalert": "true", "x-dashboard-uid": "dash", "x-id-token": "id",
		},
	}
	// What a schema reads is the instance's; the call has it as it came.
	delete(wanted["datasource"].(map[string]any)["jsonData"].(map[string]any), "health")
	if diff := cmp.Diff(wanted, seen); diff != "" {
		t.Errorf("the plugin sees (- wanted, + got):\n%s", diff)
	}
	if strings.Contains(p.stderr.String(), "hunter2") || strings.Contains(p.stderr.String(), "Bearer token") {
		t.Error("a secret is in the log")
	}
}

func TestACancelledQueryIsAborted(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	ctx, cancel := withCancel(t)
	ended := make(chan error, 1)
	go func() {
		_, err := p.ask(ctx, query("A", `{"kind": "slow", "ms": 60000}`))
		ended <- err
	}()
	eventually(t, "the query is under way", func() bool { return p.state(t).Slow == 1 })
	cancel()
	err := <-ended
	if code := status.Code(err); code != codes.Canceled {
		t.Fatalf("the error is %v, not CANCELLED", err)
	}
	eventually(t, "the plugin sees that the query is cancelled", func() bool { return p.state(t).AbortedQueries == 1 })
}
