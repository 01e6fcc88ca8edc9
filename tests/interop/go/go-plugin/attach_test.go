package hosttest

import (
	"encoding/json"
	"net"
	"os"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
)

func TestReattach(t *testing.T) {
	first := start(t, nil)
	second := &host{command: first.command, logged: &buffer{}}
	config := first.client.ReattachConfig()
	second.connect(t, &plugin.ClientConfig{
		HandshakeConfig:  handshake,
		Plugins:          plugin.PluginSet{"tester": tester{}},
		Reattach:         config,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           hclog.NewNullLogger(),
	})
	if answer, err := call(soon(t), second.conn, "Echo", &blob{text: "again"}); err != nil || answer.text != "again" {
		t.Errorf("Echo: %+v, %v", answer, err)
	}
	first.kill(t)
}

// The plugin runs on its own, as in a debugger, and says on standard error how to attach.
func TestStandalone(t *testing.T) {
	command := pluginCommand(t, "TEST_PLUGIN_STANDALONE=127.0.0.1:0")
	stderr := &buffer{}
	command.Stderr = stderr
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer command.Process.Kill()
	var said struct {
		Protocol        string
		ProtocolVersion int
		Pid             int
		Test            bool
		Addr            struct{ Network, String string }
	}
	eventually(t, "how to attach", func() bool {
		_, text, _ := strings.Cut(stderr.String(), "\n")
		return json.Unmarshal([]byte(text), &said) == nil
	})
	addr, err := net.ResolveTCPAddr(said.Addr.Network, said.Addr.String)
	if err != nil {
		t.Fatal(err)
	}
	h := &host{command: command, logged: &buffer{}}
	h.connect(t, &plugin.ClientConfig{
		HandshakeConfig: handshake,
		Plugins:         plugin.PluginSet{"tester": tester{}},
		Reattach: &plugin.ReattachConfig{
			Protocol:        plugin.Protocol(said.Protocol),
			ProtocolVersion: said.ProtocolVersion,
			Pid:             said.Pid,
			Test:            said.Test,
			Addr:            addr,
		},
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           hclog.NewNullLogger(),
	})
	exercise(t, h)
	if err := command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	if err := command.Wait(); err != nil {
		t.Errorf("ended with %v", err)
	}
}
