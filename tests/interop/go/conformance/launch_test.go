package conformance

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/grafana/grafana-plugin-sdk-go/backend/grpcplugin"
	"github.com/hashicorp/go-plugin"
	"google.golang.org/grpc/health/grpc_health_v1"

	"crosslink/tests/interop/go/conformance/host"
)

// works sees that a plugin answers, ends when it is told to, with exit code 0, and leaves no socket.
func works(t *testing.T, p *running) {
	t.Helper()
	if err := p.Protocol.Ping(); err != nil {
		t.Fatalf("no answer to Ping: %v", err)
	}
	if answer := p.answered(t, `{"kind": "line", "points": 3}`); answer.Frames[0].Rows() != 3 {
		t.Fatalf("the query has %d rows, not 3", answer.Frames[0].Rows())
	}
	ends(t, p)
}

func ends(t *testing.T, p *running) {
	t.Helper()
	address := p.Client.ReattachConfig().Addr
	began := time.Now()
	p.Client.Kill()
	if took := time.Since(began); took >= 2*time.Second {
		t.Errorf("Kill took %v: the plugin was killed, and did not end by itself", took)
	}
	if code := p.Command.ProcessState.ExitCode(); code != 0 {
		t.Errorf("the plugin ended with %v, not with exit code 0", p.Command.ProcessState)
	}
	if _, err := os.Stat(address.String()); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket %s is still there: %v", address, err)
	}
}

func configured(change func(*plugin.ClientConfig)) func(*host.Options) {
	return func(options *host.Options) { options.Change = change }
}

func TestLaunchAsGrafanaDoes(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	if version := p.Client.NegotiatedVersion(); version != 2 {
		t.Errorf("the version is %d, not 2", version)
	}
	if protocol := p.Client.Protocol(); protocol != plugin.ProtocolGRPC {
		t.Errorf("the protocol is %s", protocol)
	}
	if network := p.Client.ReattachConfig().Addr.Network(); network != "unix" {
		t.Errorf("the socket is of %s", network)
	}
	works(t, p)
}

func TestLaunchWithAutoMTLS(t *testing.T) {
	t.Parallel()
	works(t, launch(t, kitchenSink, configured(func(c *plugin.ClientConfig) { c.AutoMTLS = true })))
}

// Grafana from 12.4: no PATH, no HOME, no TMPDIR.
func TestLaunchWithoutTheHostsEnvironment(t *testing.T) {
	t.Parallel()
	works(t, launch(t, kitchenSink, configured(func(c *plugin.ClientConfig) { c.SkipHostEnv = true })))
}

func TestLaunchWithoutTheHostsEnvironmentWithAutoMTLS(t *testing.T) {
	t.Parallel()
	works(t, launch(t, kitchenSink, configured(func(c *plugin.ClientConfig) {
		c.SkipHostEnv = true
		c.AutoMTLS = true
	})))
}

func TestLaunchElsewhereThanInItsOwnFolder(t *testing.T) {
	t.Parallel()
	works(t, launch(t, kitchenSink, configured(func(c *plugin.ClientConfig) { c.Cmd.Dir = "/" })))
}

func TestLaunchWithSocketDirectory(t *testing.T) {
	t.Parallel()
	// t.TempDir() has the test's name in it, which is too long for the path of a socket.
	dir, err := os.MkdirTemp("", "sock")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	p := launch(t, kitchenSink, func(o *host.Options) { o.Env = []string{"PLUGIN_UNIX_SOCKET_DIR=" + dir} })
	if address := p.Client.ReattachConfig().Addr.String(); filepath.Dir(address) != dir {
		t.Errorf("the socket is %s, not in %s", address, dir)
	}
	works(t, p)
}

// Ports are for Windows: a socket is a socket whatever they are.
func TestLaunchWithPorts(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink, configured(func(c *plugin.ClientConfig) { c.MinPort, c.MaxPort = 20000, 20000 }))
	if network := p.Client.ReattachConfig().Addr.Network(); network != "unix" {
		t.Errorf("the socket is of %s", network)
	}
	works(t, p)
}

func TestMultiplexingIsRefusedInTheHostsTerms(t *testing.T) {
	t.Parallel()
	_, err := host.Start(host.Options{
		Command: kitchenSink.command(t),
		Change:  func(c *plugin.ClientConfig) { c.GRPCBrokerMultiplex = true },
	})
	if !errors.Is(err, plugin.ErrGRPCBrokerMuxNotSupported) {
		t.Errorf("the error is %v, not ErrGRPCBrokerMuxNotSupported", err)
	}
}

func TestAnotherProtocolVersionIsRefusedByTheHost(t *testing.T) {
	t.Parallel()
	_, err := host.Start(host.Options{
		Command: kitchenSink.command(t),
		Change: func(c *plugin.ClientConfig) {
			c.VersionedPlugins = map[int]plugin.PluginSet{5: host.PluginSet()}
			c.HandshakeConfig.ProtocolVersion = 5
		},
	})
	if err == nil || !strings.Contains(err.Error(), "ncompatible API version with plugin. Plugin version: 2") {
		t.Errorf("the error is %v: it has to name the plugin's version", err)
	}
}

func TestStartedByHand(t *testing.T) {
	t.Parallel()
	for name, cookie := range map[string]string{"no cookie": "", "a wrong cookie": grpcplugin.MagicCookieKey + "=other"} {
		command := kitchenSink.command(t)
		run := exec.Command(command[0], command[1:]...)
		run.Env = append(os.Environ(), cookie)
		if cookie == "" {
			run.Env = os.Environ()
		}
		var stdout, stderr bytes.Buffer
		run.Stdout, run.Stderr = &stdout, &stderr
		_ = run.Run()
		if code := run.ProcessState.ExitCode(); code != 1 {
			t.Errorf("%s: exit code %d, not 1", name, code)
		}
		if stdout.Len() > 0 {
			t.Errorf("%s: standard output has %q, which a host would take for the handshake", name, stdout.String())
		}
		if text := stderr.String(); !strings.Contains(text, "is a plugin") || strings.Contains(text, "    at ") {
			t.Errorf("%s: standard error does not tell a person what this is: %s", name, text)
		}
	}
}

func TestVersionAndBuildInfoWithoutAHost(t *testing.T) {
	t.Parallel()
	for _, flag := range []string{"-version", "-buildinfo"} {
		command := append(kitchenSink.command(t), flag)
		output, err := exec.Command(command[0], command[1:]...).Output()
		if err != nil {
			t.Errorf("%s: %v", flag, err)
		}
		if flag == "-buildinfo" && !strings.Contains(string(output), `"pluginID":"`+kitchenSink.id+`"`) {
			t.Errorf("%s prints %s", flag, output)
		}
		if len(bytes.TrimSpace(output)) == 0 {
			t.Errorf("%s prints nothing", flag)
		}
	}
}

func TestHealthServiceOfGRPC(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	answer, err := grpc_health_v1.NewHealthClient(p.Conn).Check(soon(t), &grpc_health_v1.HealthCheckRequest{Service: "plugin"})
	if err != nil || answer.Status != grpc_health_v1.HealthCheckResponse_SERVING {
		t.Errorf("service plugin: %v %v", answer, err)
	}
}

func TestTerminationEndsThePlugin(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	address := p.Client.ReattachConfig().Addr.String()
	if err := p.Command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	eventually(t, "SIGTERM ends the plugin", p.Client.Exited)
	if code := p.Command.ProcessState.ExitCode(); code != 0 {
		t.Errorf("the plugin ended with %v, not with exit code 0", p.Command.ProcessState)
	}
	if _, err := os.Stat(address); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket %s is still there: %v", address, err)
	}
}

func TestInterruptIsTheHostsBusiness(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	for range 3 {
		if err := p.Command.Process.Signal(syscall.SIGINT); err != nil {
			t.Fatal(err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	works(t, p)
}

func TestPrintedNoiseDoesNoHarm(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	for range 5 {
		p.must(t, "POST", "print", nil)
	}
	works(t, p)
}
