package conformance

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/grafana/grafana-plugin-sdk-go/genproto/pluginv2"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

func TestResourceRequestsArriveWhole(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	body := []byte{0, 1, 2, 0xff, 0xfe, '\n', 0xc3, 0x28}
	answer, err := p.resourceRequest(soon(t), &pluginv2.CallResourceRequest{
		PluginContext: p.settings(), Method: "PUT", Path: "echo/a b/c", Url: "echo/a%20b/c?q=1&q=2&e=%26",
		Headers: map[string]*pluginv2.StringList{
			"Content-Type": {Values: []string{"text/plain"}}, "X-List": {Values: []string{"1", "2"}},
			"Cookie": {Values: []string{"a=b"}},
		},
		Body: body,
	})
	if err != nil || answer.code != 200 {
		t.Fatalf("%v %+v", err, answer)
	}
	var seen struct {
		Method, URL, Body string
		Headers           map[string]string
	}
	if err := json.Unmarshal(answer.body, &seen); err != nil {
		t.Fatal(err)
	}
	if seen.Method != "PUT" || seen.URL != "http://plugin/echo/a%20b/c?q=1&q=2&e=%26" {
		t.Errorf("%s %s", seen.Method, seen.URL)
	}
	if seen.Body != base64.StdEncoding.EncodeToString(body) {
		t.Errorf("the body is %s", seen.Body)
	}
	wanted := map[string]string{"content-type": "text/plain", "cookie": "a=b", "x-list": "1, 2"}
	if diff := cmp.Diff(wanted, seen.Headers); diff != "" {
		t.Errorf("headers (- wanted, + got):\n%s", diff)
	}
}

func TestResourceMethods(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	for _, method := range []string{"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"} {
		answer, err := p.resource(soon(t), method, "echo/x", nil)
		if err != nil || answer.code != 200 || !bytes.Contains(answer.body, []byte(`"method":"`+method+`"`)) {
			t.Errorf("%s: %v %+v", method, err, answer)
		}
	}
	// The standard has no Request for this one.
	if answer, err := p.resource(soon(t), "TRACE", "echo/x", nil); err != nil || answer.code != 405 {
		t.Errorf("TRACE: %v %+v", err, answer)
	}
}

func TestResourceBodiesAreBytes(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	all := make([]byte, 300_000)
	for i := range all {
		all[i] = byte(i * 7)
	}
	answer, err := p.resource(soon(t), "POST", "bytes", all)
	if err != nil || answer.code != 200 {
		t.Fatalf("%v %+v", err, answer)
	}
	if !bytes.Equal(all, answer.body) {
		t.Errorf("%d bytes came back as %d others", len(all), len(answer.body))
	}
	if kind := answer.headers["Content-Type"]; !slices.Equal(kind, []string{"application/octet-stream"}) {
		t.Errorf("the content type is %q", kind)
	}
}

func TestResourceStatusAndHeaders(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	for _, code := range []string{"200", "204", "304", "404", "418", "503"} {
		answer, err := p.resource(soon(t), "GET", "status/"+code, nil)
		if err != nil || answer.pieces != 1 || len(answer.body) != 0 {
			t.Fatalf("%s: %v %+v", code, err, answer)
		}
		if got := answer.code; got != map[string]int32{"200": 200, "204": 204, "304": 304, "404": 404, "418": 418, "503": 503}[code] {
			t.Errorf("status %d, not %s", got, code)
		}
		if cookies := answer.headers["Set-Cookie"]; !slices.Equal(cookies, []string{"one=1", "two=2"}) {
			t.Errorf("%s: the cookies are %q", code, cookies)
		}
		if things := answer.headers["X-Thing"]; !slices.Equal(things, []string{"a, b"}) {
			t.Errorf("%s: x-thing is %q", code, things)
		}
	}
}

func TestResourcesThatAreNotThere(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	if answer, err := p.resource(soon(t), "GET", "no/such", nil); err != nil || answer.code != 404 {
		t.Errorf("no such path: %v %+v", err, answer)
	}
	answer, err := p.resource(soon(t), "DELETE", "instance", nil)
	if err != nil || answer.code != 405 || !slices.Equal(answer.headers["Allow"], []string{"GET"}) {
		t.Errorf("no such method: %v %+v", err, answer)
	}
}

func TestResourcesThatThrow(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	answer, err := p.resource(soon(t), "GET", "throw", nil)
	if status.Code(err) != codes.Unknown || !strings.Contains(err.Error(), "this resource is broken") || answer.pieces != 0 {
		t.Errorf("before the first piece: %v %+v", err, answer)
	}
	answer, err = p.resource(soon(t), "GET", "throw-late", nil)
	if status.Code(err) != codes.Unknown || string(answer.body) != "the beginning" || answer.code != 200 {
		t.Errorf("after the first piece: %v %+v", err, answer)
	}
	p.state(t)
}

func TestResourceBodiesArriveAsTheyAreMade(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	p.state(t)
	stream, err := p.Resource.CallResource(soon(t), &pluginv2.CallResourceRequest{
		PluginContext: p.settings(), Method: "GET", Path: "pieces", Url: "pieces?count=4&everyMs=300",
	})
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	var arrivals []time.Duration
	for range 4 {
		piece, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if len(arrivals) > 0 && (piece.Code != 0 || len(piece.Headers) != 0) {
			t.Errorf("a later piece has status and headers: %v", piece)
		}
		arrivals = append(arrivals, time.Since(began))
	}
	if spread := arrivals[3] - arrivals[0]; spread < 600*time.Millisecond {
		t.Errorf("the pieces, 300 ms apart, arrived at %v: they were held back", arrivals)
	}
}

func TestResourceBodiesAreCancelledWithTheCall(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	ctx, cancel := withCancel(t)
	stream, err := p.Resource.CallResource(ctx, &pluginv2.CallResourceRequest{
		PluginContext: p.settings(), Method: "GET", Path: "pieces", Url: "pieces?everyMs=20",
	})
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		if _, err := stream.Recv(); err != nil {
			t.Fatal(err)
		}
	}
	cancel()
	eventually(t, "the body's source is told", func() bool { return p.state(t).CancelledBodies == 1 })
}

func TestResourceBodiesAreWhatTheyWereWhenTheyWereRead(t *testing.T) {
	t.Parallel()
	p := launch(t, kitchenSink)
	const count, size = 200, 30_000
	stream, err := p.Resource.CallResource(soon(t), &pluginv2.CallResourceRequest{
		PluginContext: p.settings(), Method: "GET", Path: "one-buffer",
		Url: fmt.Sprintf("one-buffer?count=%d&bytes=%d", count, size),
	})
	if err != nil {
		t.Fatal(err)
	}
	// What is made meanwhile waits on the way.
	time.Sleep(300 * time.Millisecond)
	for i := range count {
		piece, err := stream.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if wanted := bytes.Repeat([]byte{byte(i)}, size); !bytes.Equal(piece.Body, wanted) {
			t.Fatalf("piece %d of %d bytes begins with %v and ends with %v: it was changed after it was read", i, len(piece.Body),
				piece.Body[:3], piece.Body[len(piece.Body)-3:])
		}
	}
}
