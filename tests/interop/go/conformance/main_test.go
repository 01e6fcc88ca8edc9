// Package conformance holds plugins of lib/grafana-plugin to what Grafana expects, with Grafana's own host code.
//
// The plugins come as commands in the environment, each a JSON array: CROSSLINK_KITCHEN_SINK, CROSSLINK_BASIC,
// CROSSLINK_STREAMING, CROSSLINK_HTTP, and CROSSLINK_REFERENCE for the one in Go. One that is not set is run from its
// source, with the project's own Node.
package conformance

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestMain(m *testing.M) {
	// This program is its own helper: a host that a test kills.
	if os.Getenv(hostedPluginVariable) != "" {
		hostUntilKilled()
		return
	}
	os.Exit(m.Run())
}

type kind struct {
	variable string
	id       string
	source   string
}

var (
	kitchenSink = kind{
		"CROSSLINK_KITCHEN_SINK", "crosslink-kitchensink-datasource",
		"tests/interop/go/conformance/kitchen-sink/src/backend.ts",
	}
	basic     = kind{"CROSSLINK_BASIC", "crosslink-basic-datasource", "examples/basic-datasource/src/backend.ts"}
	streaming = kind{
		"CROSSLINK_STREAMING", "crosslink-streaming-datasource", "examples/streaming-datasource/src/backend.ts",
	}
	http_ = kind{"CROSSLINK_HTTP", "crosslink-http-datasource", "examples/http-datasource/src/backend.ts"}
)

func (k kind) command(t testing.TB) []string {
	t.Helper()
	if text := os.Getenv(k.variable); text != "" {
		var command []string
		if err := json.Unmarshal([]byte(text), &command); err != nil || len(command) == 0 {
			t.Fatalf(`%s is no command: write it as ["/path/of/program", "argument"]; it is %s`, k.variable, text)
		}
		return command
	}
	root, err := filepath.Abs("../../../..")
	if err != nil {
		t.Fatal(err)
	}
	node, err := filepath.EvalSymlinks(filepath.Join(root, "node_modules/.bin/node"))
	if err != nil {
		t.Fatalf("the project's Node is not installed (scripts/ensure-deps does that): %v", err)
	}
	return []string{node, filepath.Join(root, k.source)}
}

// goReference is the plugin in Go that the basic and the streaming example are compared with.
func goReference(t testing.TB, which string) []string {
	t.Helper()
	if text := os.Getenv("CROSSLINK_REFERENCE"); text != "" {
		var command []string
		if err := json.Unmarshal([]byte(text), &command); err != nil || len(command) == 0 {
			t.Fatalf(`CROSSLINK_REFERENCE is no command: write it as ["/path/of/program"]; it is %s`, text)
		}
		return append(command, which)
	}
	binary := filepath.Join(t.TempDir(), "reference")
	build := exec.Command("go", "build", "-o", binary, ".")
	build.Dir = "../reference"
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("the reference plugin cannot be built: %v\n%s", err, output)
	}
	return []string{binary, which}
}
