package conformance

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/config"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
)

func (p *running) health(t *testing.T, about backend.PluginContext) *backend.CheckHealthResult {
	t.Helper()
	answer, err := p.Diagnostics.CheckHealth(soon(t), &pluginv2.CheckHealthRequest{PluginContext: protoContext(about)})
	if err != nil {
		t.Fatal(err)
	}
	return backend.FromProto().CheckHealthResponse(answer)
}

func TestHealth(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	updated := 0
	for jsonData, wanted := range map[string]struct {
		status backend.HealthStatus
		says   string
	}{
		`{}`:                        {backend.HealthStatusOk, "it is ok"},
		`{"health": "error"}`:       {backend.HealthStatusError, "it is error"},
		`{"health": "unknown"}`:     {backend.HealthStatusUnknown, "it is unknown"},
		`{"health": "throw"}`:       {backend.HealthStatusError, "the check itself broke"},
		`{"health": "no such"}`:     {backend.HealthStatusError, "health"},
		`{"fail": "no such table"}`: {backend.HealthStatusError, "no such table"},
		`{`:                         {backend.HealthStatusError, "no JSON"},
	} {
		updated++
		result := p.health(t, datasource(kitchenSink, jsonData, func(s *backend.DataSourceInstanceSettings) {
			s.Updated = time.UnixMilli(int64(updated))
		}))
		if result.Status != wanted.status || !strings.Contains(result.Message, wanted.says) {
			t.Errorf("%s: %v %q, not %v with %q", jsonData, result.Status, result.Message, wanted.status, wanted.says)
		}
		if strings.HasPrefix(result.Message, "it is") {
			var details map[string]any
			if err := json.Unmarshal(result.JSONDetails, &details); err != nil || details["verboseMessage"] != "at length" {
				t.Errorf("%s: the details are %s", jsonData, result.JSONDetails)
			}
		}
	}
}

// instance asks which instance of the kitchen sink answers, and how many there have been.
func (p *running) instance(t *testing.T, about backend.PluginContext) (instance, made int) {
	t.Helper()
	answer, err := p.resourceRequest(soon(t), &pluginv2.CallResourceRequest{
		PluginContext: protoContext(about), Method: "GET", Path: "instance", Url: "instance",
	})
	if err != nil || answer.code != 200 {
		t.Fatalf("%v %+v", err, answer)
	}
	var seen struct{ Instance, Made int }
	if err := json.Unmarshal(answer.body, &seen); err != nil {
		t.Fatal(err)
	}
	return seen.Instance, seen.Made
}

func TestInstancesFollowTheirSettings(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	is := func(what string, about backend.PluginContext, instance, made int) {
		t.Helper()
		if i, m := p.instance(t, about); i != instance || m != made {
			t.Errorf("%s: instance %d of %d, not %d of %d", what, i, m, instance, made)
		}
	}
	one := datasource(kitchenSink, "{}")
	is("the first call", one, 1, 1)
	is("the same settings", one, 1, 1)
	is("the same settings for another user", func() backend.PluginContext {
		other := one
		other.User = nil
		return other
	}(), 1, 1)
	began := time.Now()
	changed := datasource(kitchenSink, "{}", func(s *backend.DataSourceInstanceSettings) { s.Updated = s.Updated.Add(time.Second) })
	is("changed settings", changed, 2, 2)
	is("another datasource", datasource(kitchenSink, "{}", func(s *backend.DataSourceInstanceSettings) { s.UID = "uid-2" }), 3, 3)
	is("the first datasource is still there", changed, 2, 3)
	configured := changed
	configured.GrafanaConfig = config.NewGrafanaCfg(map[string]string{"GF_RESPONSE_LIMIT": "5"})
	is("another configuration of Grafana", configured, 4, 4)

	// The old ones are disposed of when calls that use them have had their 5 s.
	if disposed := p.state(t).InstancesDisposed; disposed != 0 && time.Since(began) < 4*time.Second {
		t.Errorf("%d instances are disposed of already", disposed)
	}
	eventually(t, "the replaced instances are disposed of", func() bool {
		var state sinkState
		answer, err := p.resourceRequest(soon(t), &pluginv2.CallResourceRequest{
			PluginContext: protoContext(configured), Method: "GET", Path: "state", Url: "state",
		})
		return err == nil && json.Unmarshal(answer.body, &state) == nil && state.InstancesDisposed >= 2
	})
}

func TestInstancesAreMadeOnceForCallsAtOnce(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	together(t, 50, func(int) error {
		_, err := p.ask(soon(t), query("A", `{"kind": "nothing"}`))
		return err
	})
	if made := p.state(t).InstancesMade; made != 1 {
		t.Errorf("%d instances for one datasource", made)
	}
}

func TestInstancesThatCannotBeMade(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	response, err := p.request(soon(t), &backend.QueryDataRequest{
		PluginContext: datasource(kitchenSink, `{"fail": "no such table"}`),
		Queries:       []backend.DataQuery{query("A", `{"kind": "line"}`), query("B", `{"kind": "line"}`)},
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, refID := range []string{"A", "B"} {
		answer := response.Responses[refID]
		if answer.Status != 400 || answer.ErrorSource != backend.ErrorSourceDownstream ||
			!strings.Contains(answer.Error.Error(), "no such table") {
			t.Errorf("query %s: %d %s %v", refID, answer.Status, answer.ErrorSource, answer.Error)
		}
	}
	// Nothing of it stays.
	if instance, made := p.instance(t, datasource(kitchenSink, "{}")); instance != 1 || made != 1 {
		t.Errorf("instance %d of %d", instance, made)
	}
}

func TestDisposalAtTheEnd(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	p.answered(t, `{"kind": "line"}`)
	ends(t, p)
	eventually(t, "the last words of the plugin are logged", func() bool {
		return strings.Contains(p.log.String(), "instance disposed of")
	})
}
