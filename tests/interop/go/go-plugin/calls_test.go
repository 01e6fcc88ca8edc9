package hosttest

import (
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestErrors(t *testing.T) {
	h := start(t, nil)
	_, err := call(soon(t), h.conn, "Fail", &blob{text: "rpc"})
	got, _ := status.FromError(err)
	if got.Code() != codes.NotFound || got.Message() != "as asked" || len(got.Details()) != 1 {
		t.Fatalf("got %v with %v", got, got.Details())
	}
	info, ok := got.Details()[0].(*errdetails.ErrorInfo)
	if !ok || info.Reason != "TEST" || info.Metadata["errorSource"] != "downstream" {
		t.Errorf("got the detail %v", got.Details()[0])
	}

	_, err = call(soon(t), h.conn, "Fail", &blob{text: "100 % größer\nthan this"})
	if got, _ := status.FromError(err); got.Code() != codes.Unknown || got.Message() != "100 % größer\nthan this" {
		t.Errorf("got %v", got)
	}
	if _, err := call(soon(t), h.conn, "Missing", &blob{}); status.Code(err) != codes.Unimplemented {
		t.Errorf("got %v", err)
	}

	if _, err := call(soon(t), h.conn, "Fail", &blob{text: "later"}); err != nil {
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
	ctx := soon(t)
	if answer, err := call(ctx, h.conn, "Echo", &blob{data: make([]byte, 15<<20)}); err != nil || len(answer.data) != 15<<20 {
		t.Errorf("15 MiB: %v", err)
	}
	if _, err := call(ctx, h.conn, "Echo", &blob{data: make([]byte, 17<<20)}); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("17 MiB: %v", err)
	}
	h.kill(t)
}

func TestManyAtOnce(t *testing.T) {
	h := start(t, nil)
	ctx := soon(t)
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
