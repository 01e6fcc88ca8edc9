// The basic and the streaming example once more, on Grafana's own SDK: what those in examples/ are compared and
// measured with. Its argument says which: basic or streaming.
package main

import (
	"fmt"
	"os"

	"github.com/grafana/grafana-plugin-sdk-go/backend/datasource"
)

func main() {
	which := ""
	if len(os.Args) > 1 {
		which = os.Args[1]
	}
	var err error
	switch which {
	case "basic":
		err = datasource.Manage("crosslink-basic-datasource", newBasic, datasource.ManageOpts{})
	case "streaming":
		err = datasource.Manage("crosslink-streaming-datasource", newStreaming, datasource.ManageOpts{})
	default:
		err = fmt.Errorf("there is no plugin %q: name basic or streaming", which)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
