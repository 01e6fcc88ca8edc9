package hosttest

import (
	"strings"
	"testing"
)

func TestPrintedOutputArrives(t *testing.T) {
	h := start(t, nil)
	if _, err := call(soon(t), h.conn, "Print", &blob{text: "from a method"}); err != nil {
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
