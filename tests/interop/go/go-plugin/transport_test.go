package hosttest

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"testing"

	"github.com/hashicorp/go-plugin"
)

// exercise calls a method of each kind, and the broker both ways.
func exercise(t *testing.T, h *host) {
	t.Helper()
	ctx := soon(t)
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
