// Package host starts a plugin as Grafana does: with HashiCorp's go-plugin and the client types of Grafana's SDK.
package host

import (
	"fmt"
	"io"
	"os/exec"

	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

// Options say how a plugin is started. The zero value is Grafana's way.
type Options struct {
	// Command is the program and its arguments.
	Command []string
	// Env is added to the host's environment, or stands alone with SkipHostEnv.
	Env []string
	// Log takes what the plugin logs, as JSON of hclog.
	Log io.Writer
	// Stderr takes what the plugin writes, as it is.
	Stderr io.Writer
	// Change alters the configuration before the start.
	Change func(*plugin.ClientConfig)
}

// Plugin is a running plugin and what it can be asked.
type Plugin struct {
	Client      *plugin.Client
	Protocol    plugin.ClientProtocol
	Command     *exec.Cmd
	Conn        *grpc.ClientConn
	Diagnostics grpcplugin.DiagnosticsClient
	Resource    grpcplugin.ResourceClient
	Data        grpcplugin.DataClient
	Stream      grpcplugin.StreamClient
	Admission   grpcplugin.AdmissionClient
	Conversion  grpcplugin.ConversionClient
}

// Config is how Grafana configures go-plugin for a backend plugin.
func Config(options Options) *plugin.ClientConfig {
	command := exec.Command(options.Command[0], options.Command[1:]...)
	command.Env = options.Env
	output := options.Log
	if output == nil {
		output = io.Discard
	}
	config := &plugin.ClientConfig{
		HandshakeConfig: plugin.HandshakeConfig{
			ProtocolVersion:  grpcplugin.ProtocolVersion,
			MagicCookieKey:   grpcplugin.MagicCookieKey,
			MagicCookieValue: grpcplugin.MagicCookieValue,
		},
		VersionedPlugins: map[int]plugin.PluginSet{grpcplugin.ProtocolVersion: PluginSet()},
		Cmd:              command,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Trace, Output: output, JSONFormat: true}),
		Stderr:           options.Stderr,
	}
	if options.Change != nil {
		options.Change(config)
	}
	return config
}

// PluginSet is what Grafana dispenses, under its names.
func PluginSet() plugin.PluginSet {
	return plugin.PluginSet{
		"diagnostics": &grpcplugin.DiagnosticsGRPCPlugin{},
		"resource":    &grpcplugin.ResourceGRPCPlugin{},
		"data":        &grpcplugin.DataGRPCPlugin{},
		"stream":      &grpcplugin.StreamGRPCPlugin{},
		"admission":   &grpcplugin.AdmissionGRPCPlugin{},
		"conversion":  &grpcplugin.ConversionGRPCPlugin{},
	}
}

// Start starts a plugin and connects to it. Where that fails nothing is left running.
func Start(options Options) (*Plugin, error) {
	p, err := Launch(options)
	if err != nil {
		return nil, err
	}
	if err := p.Connect(); err != nil {
		p.Client.Kill()
		return nil, err
	}
	return p, nil
}

// Launch starts a plugin and reads its handshake.
func Launch(options Options) (*Plugin, error) {
	config := Config(options)
	p := &Plugin{Client: plugin.NewClient(config), Command: config.Cmd}
	if _, err := p.Client.Start(); err != nil {
		p.Client.Kill()
		return nil, err
	}
	return p, nil
}

// Connect makes the connection and all that is asked over it.
func (p *Plugin) Connect() (err error) {
	if p.Protocol, err = p.Client.Client(); err != nil {
		return err
	}
	p.Conn = p.Protocol.(*plugin.GRPCClient).Conn
	if p.Diagnostics, err = dispense[grpcplugin.DiagnosticsClient](p, "diagnostics"); err != nil {
		return err
	}
	if p.Resource, err = dispense[grpcplugin.ResourceClient](p, "resource"); err != nil {
		return err
	}
	if p.Data, err = dispense[grpcplugin.DataClient](p, "data"); err != nil {
		return err
	}
	if p.Stream, err = dispense[grpcplugin.StreamClient](p, "stream"); err != nil {
		return err
	}
	if p.Admission, err = dispense[grpcplugin.AdmissionClient](p, "admission"); err != nil {
		return err
	}
	p.Conversion, err = dispense[grpcplugin.ConversionClient](p, "conversion")
	return err
}

func dispense[T any](p *Plugin, name string) (T, error) {
	raw, err := p.Protocol.Dispense(name)
	if err != nil {
		var none T
		return none, fmt.Errorf("cannot dispense %s: %w", name, err)
	}
	return raw.(T), nil
}
