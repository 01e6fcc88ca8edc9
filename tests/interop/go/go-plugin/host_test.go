// Package hosttest starts a plugin of lib/go-plugin with HashiCorp's own go-plugin, as a host would.
//
// CROSSLINK_EXAMPLE_PLUGIN holds the command of the plugin, split at spaces: tests/lib/go-plugin/test-plugin.ts.
package hosttest

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
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

func context5s(t *testing.T) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	t.Cleanup(cancel)
	return ctx
}

func eventually(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for end := time.Now().Add(5 * time.Second); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if holds() {
			return
		}
	}
	t.Errorf("did not come: %s", what)
}

// exercise calls a method of each kind, and the broker both ways.
func exercise(t *testing.T, h *host) {
	t.Helper()
	ctx := context5s(t)
	answer, err := call(ctx, h.conn, "Echo", &blob{text: "grüße", data: []byte{0, 255}, number: 1 << 31})
	if err != nil || answer.text != "grüße" || !bytes.Equal(answer.data, []byte{0, 255}) || answer.number != 1<<31 {
		t.Errorf("Echo: %+v, %v", answer, err)
	}

	counting, err := stream(ctx, h.conn, "Count", false, true)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(counting.SendMsg(&blob{number: 3}), counting.CloseSend()); err != nil {
		t.Fatal(err)
	}
	for want := uint32(0); ; want++ {
		got := &blob{}
		if err := counting.RecvMsg(got); err != nil {
			if want != 3 || err != io.EOF {
				t.Errorf("Count ended after %d with %v", want, err)
			}
			break
		}
		if got.number != want {
			t.Errorf("Count: %d in place of %d", got.number, want)
		}
	}

	adding, err := stream(ctx, h.conn, "Sum", true, false)
	if err != nil {
		t.Fatal(err)
	}
	sum := &blob{}
	if err := errors.Join(adding.SendMsg(&blob{text: "a"}), adding.SendMsg(&blob{text: "b"}), adding.CloseSend(), adding.RecvMsg(sum)); err != nil || sum.number != 2 || sum.text != "ab" {
		t.Errorf("Sum: %+v, %v", sum, err)
	}

	mirror, err := stream(ctx, h.conn, "Mirror", true, true)
	if err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{"one", "two"} {
		got := &blob{}
		if err := errors.Join(mirror.SendMsg(&blob{text: text}), mirror.RecvMsg(got)); err != nil || got.text != text {
			t.Errorf("Mirror: %+v, %v", got, err)
		}
	}
	if err := errors.Join(mirror.CloseSend()); err != nil {
		t.Error(err)
	}
	if err := mirror.RecvMsg(&blob{}); err != io.EOF {
		t.Errorf("Mirror did not end: %v", err)
	}

	id := h.broker.NextId()
	go h.broker.AcceptAndServe(id, echoServer)
	if answer, err := call(ctx, h.conn, "CallBack", &blob{number: id, text: "hello"}); err != nil || answer.text != "the host heard: hello" {
		t.Errorf("CallBack: %+v, %v", answer, err)
	}

	offered, err := call(ctx, h.conn, "Offer", &blob{})
	if err != nil {
		t.Fatal(err)
	}
	conn, err := h.broker.Dial(offered.number)
	if err != nil {
		t.Fatalf("cannot dial what the plugin offers: %v", err)
	}
	defer conn.Close()
	if answer, err := call(ctx, conn, "Echo", &blob{text: "there"}); err != nil || answer.text != "there" {
		t.Errorf("Echo by the broker: %+v, %v", answer, err)
	}
}

func TestPlain(t *testing.T) {
	h := start(t, nil)
	if got := h.client.NegotiatedVersion(); got != 3 {
		t.Errorf("version %d", got)
	}
	if got := h.client.ReattachConfig().Addr.Network(); got != "unix" {
		t.Errorf("network %s", got)
	}
	exercise(t, h)
	h.kill(t)
}

func TestAutoMTLS(t *testing.T) {
	h := start(t, func(config *plugin.ClientConfig) { config.AutoMTLS = true })
	exercise(t, h)
	h.kill(t)
}

func TestTCP(t *testing.T) {
	h := start(t, func(config *plugin.ClientConfig) { config.MinPort, config.MaxPort = 20000, 25000 }, "TEST_PLUGIN_NETWORK=tcp")
	if got := h.client.ReattachConfig().Addr.String(); !strings.HasPrefix(got, "127.0.0.1:2") {
		t.Errorf("address %s", got)
	}
	exercise(t, h)
	h.kill(t)
}

func TestTCPWithAutoMTLS(t *testing.T) {
	h := start(t, func(config *plugin.ClientConfig) { config.AutoMTLS = true }, "TEST_PLUGIN_NETWORK=tcp")
	exercise(t, h)
	h.kill(t)
}

func TestHostWithoutItsEnvironment(t *testing.T) {
	h := start(t, func(config *plugin.ClientConfig) {
		config.SkipHostEnv = true
		config.Cmd.Env = nil
	})
	exercise(t, h)
	h.kill(t)
}

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
	if answer, err := call(context5s(t), second.conn, "Echo", &blob{text: "again"}); err != nil || answer.text != "again" {
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

func TestPrintedOutputArrives(t *testing.T) {
	h := start(t, nil)
	if _, err := call(context5s(t), h.conn, "Print", &blob{text: "from a method"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "what was printed, in order", func() bool {
		return h.stdout.String() == "printed while modules are loaded\nprinted after the handshake\nfrom a method\n"
	})
	eventually(t, "what went to standard error", func() bool { return h.stderr.String() == "from a method\n" })
	eventually(t, "standard error in the host's log", func() bool {
		return strings.Contains(h.logged.String(), `"@message":"from a method"`)
	})
	h.kill(t)
}

func TestLogLinesSurvive(t *testing.T) {
	h := start(t, nil)
	eventually(t, "the plugin's line with level, module, field and time", func() bool {
		for _, line := range strings.Split(h.logged.String(), "\n") {
			if strings.Contains(line, `"@message":"ready"`) {
				return strings.Contains(line, `"@level":"info"`) && strings.Contains(line, `"pid":`) &&
					strings.Contains(line, `test"`) && strings.Contains(line, `"timestamp":`)
			}
		}
		return false
	})
	h.kill(t)
	if !strings.Contains(h.logged.String(), `"@message":"flushed"`) {
		t.Error("the plugin did not flush")
	}
}

func TestErrors(t *testing.T) {
	h := start(t, nil)
	_, err := call(context5s(t), h.conn, "Fail", &blob{text: "rpc"})
	got, _ := status.FromError(err)
	if got.Code() != codes.NotFound || got.Message() != "as asked" || len(got.Details()) != 1 {
		t.Fatalf("got %v with %v", got, got.Details())
	}
	info, ok := got.Details()[0].(*errdetails.ErrorInfo)
	if !ok || info.Reason != "TEST" || info.Metadata["errorSource"] != "downstream" {
		t.Errorf("got the detail %v", got.Details()[0])
	}

	_, err = call(context5s(t), h.conn, "Fail", &blob{text: "100 % größer\nthan this"})
	if got, _ := status.FromError(err); got.Code() != codes.Unknown || got.Message() != "100 % größer\nthan this" {
		t.Errorf("got %v", got)
	}
	if _, err := call(context5s(t), h.conn, "Missing", &blob{}); status.Code(err) != codes.Unimplemented {
		t.Errorf("got %v", err)
	}

	if _, err := call(context5s(t), h.conn, "Fail", &blob{text: "later"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "what nobody caught, at error level", func() bool {
		return strings.Contains(h.logged.String(), "thrown when nobody could catch it") &&
			strings.Contains(h.logged.String(), "rejected when nobody could catch it")
	})
	exercise(t, h)
	h.kill(t)
}

func TestLimits(t *testing.T) {
	h := start(t, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if answer, err := call(ctx, h.conn, "Echo", &blob{data: make([]byte, 15<<20)}); err != nil || len(answer.data) != 15<<20 {
		t.Errorf("15 MiB: %v", err)
	}
	if _, err := call(ctx, h.conn, "Echo", &blob{data: make([]byte, 17<<20)}); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("17 MiB: %v", err)
	}
	h.kill(t)
}

func TestInterruptIsIgnoredAndTerminationIsNot(t *testing.T) {
	h := start(t, nil)
	if err := h.command.Process.Signal(os.Interrupt); err != nil {
		t.Fatal(err)
	}
	exercise(t, h)
	if err := h.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the end of the plugin", h.client.Exited)
	h.kill(t)
}

func TestManyAtOnce(t *testing.T) {
	h := start(t, nil)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	var group sync.WaitGroup
	failures := make(chan error, 1000)
	for range 1000 {
		group.Go(func() {
			if _, err := call(ctx, h.conn, "Echo", &blob{data: make([]byte, 1024)}); err != nil {
				failures <- err
			}
		})
	}
	group.Wait()
	close(failures)
	for err := range failures {
		t.Error(err)
	}
	h.kill(t)
}
