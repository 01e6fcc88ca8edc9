// Command peer is the other side of the unit agent's protocol, in the language and with the library that Juju uses:
// a server as the agent is one, and a client as its hook tools are.
//
//	peer serve ADDRESS             answers calls; prints "ready" when it listens
//	peer call ADDRESS CONTEXT-ID   makes a few calls, and prints a line for each answer
package main

import (
	"fmt"
	"log"
	"net"
	"net/rpc"
	"os"
	"strings"
)

// Request and Response have the fields of Juju's own, by which gob matches.
type Request struct {
	ContextId   string
	Dir         string
	CommandName string
	Args        []string
	StdinSet    bool
	Stdin       []byte
	Token       string
}

type Response struct {
	Code   int
	Stdout []byte
	Stderr []byte
}

// Jujuc echoes what it was asked.
type Jujuc struct{}

// Main answers one call; no command and the command "unknown" is an error of the call, "failing" one of the tool.
func (Jujuc) Main(request Request, response *Response) error {
	switch request.CommandName {
	case "":
		return fmt.Errorf("bad request: command not specified")
	case "unknown":
		return fmt.Errorf("bad request: unknown command: unknown")
	case "failing":
		response.Code = 2
		response.Stderr = []byte("ERROR no\n")
	default:
		response.Stdout = []byte(fmt.Sprintf("%s %q %t %d", request.Dir, request.Args, request.StdinSet, len(request.Stdin)))
	}
	return nil
}

func serve(address string) error {
	server := rpc.NewServer()
	if err := server.Register(&Jujuc{}); err != nil {
		return err
	}
	listener, err := net.Listen("unix", address)
	if err != nil {
		return err
	}
	fmt.Println("ready")
	for {
		connection, err := listener.Accept()
		if err != nil {
			return err
		}
		go server.ServeConn(connection)
	}
}

func call(address, contextID string) error {
	client, err := rpc.Dial("unix", address)
	if err != nil {
		return err
	}
	defer client.Close()
	requests := []Request{
		{ContextId: contextID, Dir: "/", CommandName: "first", Args: []string{"a", "", "é"}},
		{ContextId: contextID, Dir: "/", CommandName: "second", StdinSet: true, Stdin: []byte(strings.Repeat("x", 100000))},
		{ContextId: "another", Dir: "/", CommandName: "third"},
		{ContextId: contextID, Dir: "/", CommandName: "fourth", Args: []string{"z"}},
	}
	for _, request := range requests {
		var response Response
		err := client.Call("Jujuc.Main", request, &response)
		fmt.Printf("%v|%d|%s|%s\n", err, response.Code, response.Stdout, response.Stderr)
	}
	return nil
}

func main() {
	var err error
	switch {
	case len(os.Args) == 3 && os.Args[1] == "serve":
		err = serve(os.Args[2])
	case len(os.Args) == 4 && os.Args[1] == "call":
		err = call(os.Args[2], os.Args[3])
	default:
		log.Fatal("usage: peer serve ADDRESS | peer call ADDRESS CONTEXT-ID")
	}
	if err != nil {
		log.Fatal(err)
	}
}
