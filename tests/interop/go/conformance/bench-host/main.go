// Measures one plugin as its host sees it, and prints JSON:
//
//	bench-host [FLAGS] PROGRAM [ARGUMENT...]
//
// The plugin is one of those of which there are two, in TypeScript and in Go: the basic example, or, with -streaming,
// the streaming example. Times are in milliseconds, memory in bytes.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"

	"crosslink/tests/interop/go/conformance/host"
)

type report struct {
	Command []string `json:"command"`
	Ready   ready    `json:"ready"`
	// By the number of points.
	Queries map[string]queries `json:"queries,omitempty"`
	Stream  *streamed          `json:"stream,omitempty"`
	Memory  memory             `json:"memory"`
}

type ready struct {
	Starts int `json:"starts"`
	// From the start of the process to the handshake, and to the first answer to a ping.
	HandshakeMs   spread `json:"handshakeMs"`
	ReadyMs       spread `json:"readyMs"`
	FirstAnswerMs spread `json:"firstAnswerMs"`
}

type memory struct {
	// A second after the first answer, and after all that is measured here.
	IdleBytes      int64 `json:"idleBytes"`
	AfterLoadBytes int64 `json:"afterLoadBytes"`
}

func main() {
	starts := flag.Int("starts", 9, "how often the plugin is started")
	seconds := flag.Float64("seconds", 3, "how long each load lasts, after a warm-up of a third of it")
	inFlight := flag.Int("in-flight", 32, "queries at once")
	streaming := flag.Bool("streaming", false, "measure the streaming example's stream, and not queries")
	asJSON := flag.Bool("json", false, "ask for frames in JSON, and not in Arrow")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "bench-host: name the plugin's program, and its arguments; -help shows the flags")
		os.Exit(2)
	}
	b := &bench{
		command: flag.Args(), load: time.Duration(*seconds * float64(time.Second)), inFlight: *inFlight,
		id: "crosslink-basic-datasource",
	}
	if *asJSON {
		b.format = backend.DataFrameFormat_JSON
	}
	if *streaming {
		b.id = "crosslink-streaming-datasource"
	}
	result, err := b.measure(*starts, *streaming)
	if err != nil {
		fmt.Fprintf(os.Stderr, "bench-host: %s: %v\n", b.command[0], err)
		os.Exit(1)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetIndent("", "  ")
	_ = encoder.Encode(result)
}

type bench struct {
	command  []string
	id       string
	load     time.Duration
	inFlight int
	format   backend.DataFrameFormat
}

// options are Grafana's, whose log is at level Info.
func (b *bench) options() host.Options {
	return host.Options{Command: b.command, Change: func(c *plugin.ClientConfig) {
		c.Logger = hclog.New(&hclog.LoggerOptions{Level: hclog.Info, Output: io.Discard})
	}}
}

func (b *bench) measure(starts int, streaming bool) (*report, error) {
	result := &report{Command: b.command}
	var err error
	if result.Ready, err = b.starts(starts); err != nil {
		return nil, err
	}
	p, err := host.Start(b.options())
	if err != nil {
		return nil, err
	}
	defer p.Client.Kill()
	if err := b.health(p); err != nil {
		return nil, err
	}
	time.Sleep(time.Second)
	if result.Memory.IdleBytes, err = host.RSS(p.Command.Process.Pid); err != nil {
		return nil, err
	}
	if streaming {
		result.Stream, err = b.stream(p)
	} else {
		result.Queries, err = b.queries(p)
	}
	if err != nil {
		return nil, err
	}
	result.Memory.AfterLoadBytes, err = host.RSS(p.Command.Process.Pid)
	return result, err
}

func (b *bench) starts(times int) (ready, error) {
	var handshake, pinged, answered samples
	for range times {
		began := time.Now()
		p, err := host.Launch(b.options())
		if err != nil {
			return ready{}, err
		}
		handshake.add(time.Since(began))
		err = p.Connect()
		if err == nil {
			err = p.Protocol.Ping()
		}
		pinged.add(time.Since(began))
		if err == nil {
			err = b.health(p)
		}
		answered.add(time.Since(began))
		p.Client.Kill()
		if err != nil {
			return ready{}, err
		}
	}
	return ready{times, handshake.spread(), pinged.spread(), answered.spread()}, nil
}

func (b *bench) health(p *host.Plugin) error {
	answer, err := p.Diagnostics.CheckHealth(background, &pluginv2.CheckHealthRequest{PluginContext: b.context()})
	if err != nil {
		return err
	}
	if answer.Status != pluginv2.CheckHealthResponse_OK {
		return fmt.Errorf("it is not well: %s", answer.Message)
	}
	return nil
}

func (b *bench) context() *pluginv2.PluginContext {
	return backend.ToProto().PluginContext(backend.PluginContext{
		OrgID: 1, PluginID: b.id, User: &backend.User{Login: "bench", Name: "Bench"},
		DataSourceInstanceSettings: &backend.DataSourceInstanceSettings{
			UID: "bench", Name: "Bench", Type: b.id, JSONData: []byte(`{"intervalMs": 0}`), Updated: time.UnixMilli(1),
		},
	})
}
