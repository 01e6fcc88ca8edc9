package conformance

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"

	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"crosslink/tests/interop/go/conformance/host"
)

// hostedPluginVariable makes this program a host of the plugin whose command it holds.
const hostedPluginVariable = "CROSSLINK_HOSTED_PLUGIN"

type hosted struct {
	Pid    int
	Socket string
}

// hostUntilKilled starts a plugin, follows a stream of it, says where it is, and never ends.
func hostUntilKilled() {
	fail := func(err error) {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	var command []string
	if err := json.Unmarshal([]byte(os.Getenv(hostedPluginVariable)), &command); err != nil {
		fail(err)
	}
	p, err := host.Start(host.Options{Command: command})
	if err != nil {
		fail(err)
	}
	stream, err := (&running{Plugin: p, kind: kitchenSink}).run(forever, "ticks")
	if err != nil {
		fail(err)
	}
	for i := 0; ; i++ {
		if _, err := stream.Recv(); err != nil {
			fail(err)
		}
		if i == 3 {
			line, _ := json.Marshal(hosted{p.Command.Process.Pid, p.Client.ReattachConfig().Addr.String()})
			fmt.Println(string(line))
		}
	}
}

func TestAKilledHostLeavesNoPlugin(t *testing.T) {
	t.Parallel()
	command, _ := json.Marshal(kitchenSink.command(t))
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	run := exec.Command(program)
	run.Env = append(os.Environ(), hostedPluginVariable+"="+string(command))
	run.Stderr = os.Stderr
	output, err := run.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = run.Process.Kill()
		_ = run.Wait()
	})
	lines := bufio.NewScanner(output)
	if !lines.Scan() {
		t.Fatalf("the host says nothing: %v", lines.Err())
	}
	var about hosted
	if err := json.Unmarshal(lines.Bytes(), &about); err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(about.Socket); err != nil || !alive(about.Pid) {
		t.Fatalf("the plugin is not there: %v", err)
	}
	if err := run.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	_ = run.Wait()
	eventually(t, "the plugin of a killed host ends", func() bool { return !alive(about.Pid) })
	if _, err := os.Stat(about.Socket); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the socket %s is still there: %v", about.Socket, err)
	}
}

// launchBusy starts a plugin with a stream that is read and a query that is under way: its error comes
// by the channel.
func launchBusy(t *testing.T) (*running, pluginv2.Stream_RunStreamClient, <-chan error) {
	t.Helper()
	p := launch(t, kitchenSink)
	stream, err := p.run(soon(t), "ticks")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := stream.Recv(); err != nil {
		t.Fatal(err)
	}
	unanswered := make(chan error, 1)
	go func() {
		_, err := p.ask(soon(t), query("A", `{"kind": "slow", "ms": 60000}`))
		unanswered <- err
	}()
	eventually(t, "the query is under way", func() bool { return p.state(t).Slow == 1 })
	return p, stream, unanswered
}

func TestAKilledPluginIsAnErrorAndStartsAgain(t *testing.T) {
	t.Parallel()
	p, stream, unanswered := launchBusy(t)
	if err := p.Command.Process.Signal(syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	var err error
	for err == nil {
		_, err = stream.Recv()
	}
	if status.Code(err) != codes.Unavailable {
		t.Errorf("the stream ended with %v, not UNAVAILABLE", err)
	}
	if err := <-unanswered; status.Code(err) != codes.Unavailable {
		t.Errorf("the query ended with %v, not UNAVAILABLE", err)
	}
	eventually(t, "the host sees that the plugin has ended", p.Client.Exited)
	works(t, launch(t, kitchenSink))
}

func TestTheEndDuringStreamsAndQueries(t *testing.T) {
	t.Parallel()
	p, stream, unanswered := launchBusy(t)
	ends(t, p)
	if err := <-unanswered; err == nil {
		t.Error("the query is answered")
	}
	var err error
	for err == nil {
		_, err = stream.Recv()
	}
}

func TestTerminationWaitsForAnswers(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	p.answered(t, `{"kind": "line"}`)
	answered := make(chan error, 1)
	go func() {
		_, err := p.ask(soon(t), query("A", `{"kind": "slow", "ms": 500}`))
		answered <- err
	}()
	eventually(t, "the query is under way", func() bool { return p.state(t).Slow == 1 })
	if err := p.Command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	if err := <-answered; err != nil {
		t.Errorf("the query that was under way: %v", err)
	}
	eventually(t, "the plugin ends", p.Client.Exited)
}

func TestWhatNobodyHandlesEndsNothing(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	before := p.state(t)
	for range 3 {
		p.must(t, "POST", "unhandled", nil)
	}
	eventually(t, "the errors are logged", func() bool {
		text := p.log.String()
		return strings.Contains(text, "nobody handles this rejection") && strings.Contains(text, "nobody catches this error")
	})
	if after := p.state(t); after.Pid != before.Pid || after.InstancesMade != before.InstancesMade {
		t.Errorf("%+v, after %+v", after, before)
	}
	for _, line := range p.lines(t) {
		if text, _ := line["error"].(string); strings.Contains(text, "nobody") && line["@level"] != "error" {
			t.Errorf("logged at %v: %v", line["@level"], line)
		}
	}
	works(t, p)
}

func TestRequestsThatAreNoRequests(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	if _, err := p.Data.QueryData(soon(t), &pluginv2.QueryDataRequest{}); err != nil {
		t.Errorf("a request without queries: %v", err)
	}
	for _, path := range []string{"", "//other.host/x", "a?b?c", "%zz", "../..", "\x00"} {
		if answer, err := p.resource(soon(t), "GET", path, nil); err != nil || answer.code != 404 {
			t.Errorf("%q: %v %+v", path, err, answer)
		}
	}
	if err := p.Conn.Invoke(soon(t), "/pluginv2.Data/NoSuchMethod", &pluginv2.QueryDataRequest{}, &pluginv2.QueryDataResponse{}); status.Code(err) != codes.Unimplemented {
		t.Errorf("no such method: %v", err)
	}
	works(t, p)
}
