package conformance

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lines are what the plugin itself has said, as the host understood it.
func (p *running) lines(t *testing.T) []map[string]any {
	t.Helper()
	var lines []map[string]any
	for _, entry := range p.log.entries(t) {
		if entry["@module"] == filepath.Base(p.Command.Path) {
			lines = append(lines, entry)
		}
	}
	return lines
}

func TestLogLinesArriveAsTheyWere(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	p.must(t, "POST", "log", nil)
	ends(t, p)
	common := map[string]any{
		"pluginId": kitchenSink.id, "pluginVersion": "1.2.3", "endpoint": "callResource", "dsName": "My datasource",
		"dsUid": "uid-1", "uname": "Ann",
	}
	for message, wanted := range map[string]struct {
		level  string
		fields map[string]any
	}{
		"a debug line": {"debug", map[string]any{"n": 2.0, "nested": map[string]any{"a": []any{1.0, 2.0}}}},
		"an info line": {"info", map[string]any{
			"text": "two\nlines", "big": "1152921504606846976", "at": "1970-01-01T00:00:00.000Z",
		}},
		"a warning ✓":   {"warn", map[string]any{"_level": "error"}},
		"an error line": {"error", map[string]any{}},
		"with fields":   {"info", map[string]any{"fixed": "yes"}},
	} {
		var found map[string]any
		for _, line := range p.lines(t) {
			if line["@message"] == message {
				found = line
			}
		}
		if found == nil {
			t.Errorf("%q is not in the host's log", message)
			continue
		}
		if found["@level"] != wanted.level {
			t.Errorf("%q is logged at %v, not %s", message, found["@level"], wanted.level)
		}
		if message == "an error line" {
			text, _ := found["error"].(string)
			stack, _ := found["stack"].(string)
			if !strings.Contains(text, "its message") || !strings.Contains(text, "its cause") || !strings.Contains(stack, "    at ") {
				t.Errorf("the error is %q with stack %q", text, stack)
			}
			continue
		}
		got := map[string]any{}
		for key, value := range found {
			if !strings.HasPrefix(key, "@") && common[key] == nil && key != "timestamp" {
				got[key] = value
			}
		}
		if diff := cmp.Diff(wanted.fields, got); diff != "" {
			t.Errorf("%q has (- wanted, + got):\n%s", message, diff)
		}
		for key, value := range common {
			if found[key] != value {
				t.Errorf("%q has %s %v, not %v", message, key, found[key], value)
			}
		}
	}
	for _, line := range p.lines(t) {
		if line["@message"] == "a trace line" {
			t.Error("a plugin logs from debug up")
		}
	}
}

// A line that the host does not understand is logged whole, at Debug.
func TestNoLineIsRaw(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	p.must(t, "POST", "log", nil)
	p.answered(t, `{"kind": "line"}`)
	if _, err := p.ask(soon(t), query("A", `{"kind": "throw", "message": "two\nlines"}`)); err != nil {
		t.Fatal(err)
	}
	if _, err := p.resource(soon(t), "GET", "throw", nil); err == nil {
		t.Error("the resource does not throw")
	}
	ends(t, p)
	lines := p.lines(t)
	if len(lines) < 10 {
		t.Fatalf("only %d lines", len(lines))
	}
	for _, line := range lines {
		// The host adds the plugin's time to what it has understood.
		if line["timestamp"] == nil {
			t.Errorf("a raw line: %v", line)
		}
	}
}

func TestEveryRequestIsLogged(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	p.answered(t, `{"kind": "line"}`)
	if _, err := p.ask(soon(t), query("A", `{"kind": "downstream", "message": "no database"}`)); err != nil {
		t.Fatal(err)
	}
	ends(t, p)
	var completed []map[string]any
	started, partial := 0, 0
	for _, line := range p.lines(t) {
		switch line["@message"] {
		case "Plugin Request Started":
			started++
			if line["@level"] != "debug" {
				t.Errorf("started, at %v", line["@level"])
			}
		case "Plugin Request Completed":
			completed = append(completed, line)
		case "Partial data response error":
			partial++
			if line["@level"] != "error" || line["refID"] != "A" || line["statusSource"] != "downstream" {
				t.Errorf("the failed query is logged as %v", line)
			}
		}
	}
	if started != 2 || partial != 1 || len(completed) != 2 {
		t.Fatalf("%d started, %d partial errors, %v", started, partial, completed)
	}
	if line := completed[0]; line["@level"] != "info" || line["status"] != "ok" || line["duration"] == nil {
		t.Errorf("the good one: %v", line)
	}
	if line := completed[1]; line["@level"] != "error" || line["status"] != "error" || line["statusSource"] != "downstream" {
		t.Errorf("the bad one: %v", line)
	}
}
