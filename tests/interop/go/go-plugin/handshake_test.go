package hosttest

import (
	"bytes"
	"errors"
	"os/exec"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
)

func TestMultiplexingIsRefusedAsHostsExpect(t *testing.T) {
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:     handshake,
		VersionedPlugins:    map[int]plugin.PluginSet{3: {"tester": tester{}}},
		Cmd:                 pluginCommand(t),
		AllowedProtocols:    []plugin.Protocol{plugin.ProtocolGRPC},
		GRPCBrokerMultiplex: true,
		Logger:              hclog.NewNullLogger(),
	})
	defer client.Kill()
	if _, err := client.Client(); !errors.Is(err, plugin.ErrGRPCBrokerMuxNotSupported) {
		t.Errorf("got %v", err)
	}
}

func TestAnotherVersionIsRefusedByTheHost(t *testing.T) {
	client := plugin.NewClient(&plugin.ClientConfig{
		HandshakeConfig:  handshake,
		VersionedPlugins: map[int]plugin.PluginSet{9: {"tester": tester{}}},
		Cmd:              pluginCommand(t),
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           hclog.NewNullLogger(),
	})
	defer client.Kill()
	if _, err := client.Client(); err == nil || !strings.Contains(err.Error(), "Plugin version: 2, Client versions: [9]") {
		t.Errorf("got %v", err)
	}
}

func TestBadCookie(t *testing.T) {
	for _, env := range []string{"TEST_PLUGIN=no", "OTHER=yes"} {
		command := pluginCommand(t, env, "PLUGIN_PROTOCOL_VERSIONS=3")
		var stdout, stderr bytes.Buffer
		command.Stdout, command.Stderr = &stdout, &stderr
		err := command.Run()
		var exit *exec.ExitError
		if !errors.As(err, &exit) || exit.ExitCode() != 1 {
			t.Errorf("%s: ended with %v", env, err)
		}
		if stdout.Len() > 0 || !strings.Contains(stderr.String(), "is a plugin") {
			t.Errorf("%s: printed %q and %q", env, &stdout, &stderr)
		}
	}
}
