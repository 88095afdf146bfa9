// A witness of somebody else's, for one log: the core and the HTTP handler of
// github.com/transparency-dev/witness, which keeps what it has seen in memory.
//
// usage: witness LOG_VKEY
//
// It draws a key, prints its address and its verifier key, a line each, and serves until it is ended.
package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	f_note "github.com/transparency-dev/formats/note"
	"github.com/transparency-dev/witness/persistence/inmemory"
	"github.com/transparency-dev/witness/witness"
	"golang.org/x/mod/sumdb/note"
)

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return value
}

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: witness LOG_VKEY")
	}
	known := must(note.NewVerifier(os.Args[1]))
	secret, public, err := note.GenerateKey(rand.Reader, "witness.example")
	if err != nil {
		log.Fatal(err)
	}
	signer := must(f_note.NewSignerForCosignatureV1(secret))
	asked := must(witness.New(context.Background(), witness.Opts{
		Persistence: inmemory.New(),
		Signers:     []note.Signer{signer},
		VerifierForLog: func(_ context.Context, origin string) (note.Verifier, bool, error) {
			return known, origin == known.Name(), nil
		},
	}))
	http.HandleFunc("/add-checkpoint", witness.NewHTTPHandler(asked).AddCheckpoint)
	listener := must(net.Listen("tcp", "127.0.0.1:0"))
	fmt.Printf("http://%s\n%s\n", listener.Addr(), must(f_note.VKeyToCosignatureV1(public)))
	log.Fatal(http.Serve(listener, nil))
}
