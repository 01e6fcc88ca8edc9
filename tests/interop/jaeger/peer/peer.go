// Package peer runs the storage that the suites are about, which is written in TypeScript.
package peer

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"
)

// Command is that of a program which stands in the environment as a JSON array, as ["/path/of/program", "argument"].
func Command(t testing.TB, variable string) []string {
	t.Helper()
	var command []string
	if err := json.Unmarshal([]byte(os.Getenv(variable)), &command); err != nil || len(command) == 0 {
		t.Fatalf("%s has to be a command, as a JSON array; tests/interop/jaeger/run sets it", variable)
	}
	return command
}

// Storage is a remote storage server of its own process.
type Storage struct {
	// Address is where it speaks storage_v1, storage_v2 and OTLP.
	Address string
	// Purge is where a POST empties it.
	PurgeURL string
}

// Start runs a server until the test ends.
func Start(t testing.TB, options ...string) *Storage {
	t.Helper()
	command := append(Command(t, "CROSSLINK_STORAGE_SERVER"), options...)
	server := exec.Command(command[0], command[1:]...)
	server.Stderr = os.Stderr
	// It ends when its input does, so that none is left when this process is killed.
	stdin, err := server.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := server.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = stdin.Close()
		stuck := time.AfterFunc(20*time.Second, func() { _ = server.Process.Kill() })
		defer stuck.Stop()
		if err := server.Wait(); err != nil {
			t.Errorf("the server did not end well: %v", err)
		}
	})
	var said struct{ Address, Purge string }
	line, err := bufio.NewReader(stdout).ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &said)
	}
	if err != nil {
		t.Fatalf("the server said %q: %v", line, err)
	}
	go func() { _, _ = io.Copy(io.Discard, stdout) }()
	return &Storage{Address: said.Address, PurgeURL: said.Purge}
}

// Purge leaves nothing in the storage: no span, no name, nothing archived.
func (s *Storage) Purge(t testing.TB) {
	t.Helper()
	client := http.Client{Timeout: 20 * time.Second}
	answer, err := client.Post(s.PurgeURL, "", nil)
	if err == nil {
		defer answer.Body.Close()
		if answer.StatusCode != http.StatusOK {
			err = fmt.Errorf("status %s", answer.Status)
		}
	}
	if err != nil {
		t.Fatalf("the server was not emptied: %v", err)
	}
}
