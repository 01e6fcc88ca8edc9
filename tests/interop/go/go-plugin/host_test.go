// Package hosttest starts a plugin of lib/go-plugin with HashiCorp's own go-plugin, as a host would.
//
// CROSSLINK_EXAMPLE_PLUGIN holds the command of the plugin, split at spaces: tests/lib/go-plugin/test-plugin.ts.
package hosttest

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc"
)

var handshake = plugin.HandshakeConfig{ProtocolVersion: 3, MagicCookieKey: "TEST_PLUGIN", MagicCookieValue: "yes"}

// tester is the host's side of a plugin: it keeps what the broker and the connection are.
type tester struct {
	plugin.NetRPCUnsupportedPlugin
}

type dispensed struct {
	broker *plugin.GRPCBroker
	conn   *grpc.ClientConn
}

func (tester) GRPCServer(*plugin.GRPCBroker, *grpc.Server) error {
	return errors.New("a host serves nothing")
}

func (tester) GRPCClient(_ context.Context, broker *plugin.GRPCBroker, conn *grpc.ClientConn) (any, error) {
	return dispensed{broker, conn}, nil
}

// buffer is a bytes.Buffer that goroutines may share.
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

type host struct {
	client         *plugin.Client
	command        *exec.Cmd
	stdout, stderr *buffer
	logged         *buffer
	dispensed
}

func pluginCommand(t *testing.T, env ...string) *exec.Cmd {
	t.Helper()
	words := strings.Fields(os.Getenv("CROSSLINK_EXAMPLE_PLUGIN"))
	if len(words) == 0 {
		t.Fatal("CROSSLINK_EXAMPLE_PLUGIN is not set: it holds the command of the plugin")
	}
	command := exec.Command(words[0], words[1:]...)
	// A host that refuses a plugin kills it, and its socket stays where it is.
	command.Env = append(append(os.Environ(), "TMPDIR="+t.TempDir()), env...)
	return command
}

// start starts the plugin and connects; `change` may alter how.
func start(t *testing.T, change func(*plugin.ClientConfig), env ...string) *host {
	t.Helper()
	h := &host{command: pluginCommand(t, env...), stdout: &buffer{}, stderr: &buffer{}, logged: &buffer{}}
	config := &plugin.ClientConfig{
		HandshakeConfig:  handshake,
		VersionedPlugins: map[int]plugin.PluginSet{3: {"tester": tester{}}, 7: {"tester": tester{}}},
		Cmd:              h.command,
		AllowedProtocols: []plugin.Protocol{plugin.ProtocolGRPC},
		Logger:           hclog.New(&hclog.LoggerOptions{Level: hclog.Trace, Output: h.logged, JSONFormat: true}),
		SyncStdout:       h.stdout,
		SyncStderr:       h.stderr,
	}
	if change != nil {
		change(config)
	}
	h.connect(t, config)
	return h
}

func (h *host) connect(t *testing.T, config *plugin.ClientConfig) {
	t.Helper()
	h.client = plugin.NewClient(config)
	t.Cleanup(h.client.Kill)
	protocol, err := h.client.Client()
	if err != nil {
		t.Fatalf("cannot connect: %v\n%s", err, h.logged)
	}
	if err := protocol.Ping(); err != nil {
		t.Fatalf("no answer to Ping: %v", err)
	}
	raw, err := protocol.Dispense("tester")
	if err != nil {
		t.Fatalf("cannot dispense: %v", err)
	}
	h.dispensed = raw.(dispensed)
}

// kill ends the plugin as hosts do, and sees that it went by itself and in time.
func (h *host) kill(t *testing.T) {
	t.Helper()
	config := h.client.ReattachConfig()
	began := time.Now()
	h.client.Kill()
	if took := time.Since(began); took >= 2*time.Second {
		t.Errorf("Kill took %v: the plugin was killed, it did not end by itself", took)
	}
	if state := h.command.ProcessState; state == nil || state.ExitCode() != 0 {
		t.Errorf("the plugin ended with %v, not with exit code 0", state)
	}
	if config.Addr.Network() == "unix" {
		if _, err := os.Stat(config.Addr.String()); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("the socket %s is still there: %v", config.Addr, err)
		}
	}
}

func soon(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	t.Cleanup(cancel)
	return ctx
}

// eventually waits until something holds, and fails when it does not within 15 s: a busy machine is slow.
func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(15 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Errorf("did not come: %s", what)
}
