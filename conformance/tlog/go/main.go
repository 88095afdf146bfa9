// Verifies a log's directory (C2SP tlog-tiles) with golang.org/x/mod/sumdb. See ../README.md.
//
// usage: go run . DIR
package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const tileHeight = 8

// check ends the program where something is not as it must be.
func check(err error, what string, args ...any) {
	if err == nil {
		return
	}
	fmt.Printf("FAILED %s: %v\n", fmt.Sprintf(what, args...), err)
	os.Exit(1)
}

func read(path ...string) []byte {
	data, err := os.ReadFile(filepath.Join(path...))
	check(err, "%s", filepath.Join(path...))
	return data
}

func line(path ...string) string {
	return strings.TrimSuffix(string(read(path...)), "\n")
}

// cosigner verifies cosignature/v1, which sumdb/note does not know.
type cosigner struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

func (c cosigner) Name() string    { return c.name }
func (c cosigner) KeyHash() uint32 { return c.hash }
func (c cosigner) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize {
		return false
	}
	time := binary.BigEndian.Uint64(sig)
	signed := fmt.Sprintf("cosignature/v1\ntime %d\n%s", time, msg)
	return ed25519.Verify(c.key, []byte(signed), sig[8:])
}

func newCosigner(vkey string) cosigner {
	parts := strings.SplitN(vkey, "+", 3)
	hash, err := strconv.ParseUint(parts[1], 16, 32)
	check(err, "the witness's key id")
	key, err := base64.StdEncoding.DecodeString(parts[2])
	check(err, "the witness's key")
	if key[0] != 4 {
		check(fmt.Errorf("type %d", key[0]), "the witness's key")
	}
	return cosigner{parts[0], uint32(hash), ed25519.PublicKey(key[1:])}
}

type log struct {
	dir       string
	verifiers note.Verifiers
	keys      int
}

func open(dir string) log {
	verifier, err := note.NewVerifier(line(dir, "log.vkey"))
	check(err, "log.vkey")
	verifiers := []note.Verifier{verifier}
	if _, err := os.Stat(filepath.Join(dir, "witness.vkey")); err == nil {
		verifiers = append(verifiers, newCosigner(line(dir, "witness.vkey")))
	}
	return log{dir, note.VerifierList(verifiers...), len(verifiers)}
}

// head opens a signed checkpoint, which every known key must have signed.
func (l log) head(signed []byte, what string) tlog.Tree {
	opened, err := note.Open(signed, l.verifiers)
	check(err, "%s", what)
	if len(opened.Sigs) != l.keys {
		check(fmt.Errorf("%d signatures of known keys", len(opened.Sigs)), "%s", what)
	}
	lines := strings.Split(opened.Text, "\n")
	size, err := strconv.ParseInt(lines[1], 10, 64)
	check(err, "%s: size", what)
	root, err := tlog.ParseHash(lines[2])
	check(err, "%s: root", what)
	return tlog.Tree{N: size, Hash: root}
}

// path is tlog-tiles' path of a tile, which has no height in it.
func path(tile tlog.Tile) string {
	rest := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	return "tile/" + strings.Replace(rest, "data/", "entries/", 1)
}

func (l log) Height() int                     { return tileHeight }
func (l log) SaveTiles([]tlog.Tile, [][]byte) {}
func (l log) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		var err error
		if data[i], err = os.ReadFile(filepath.Join(l.dir, path(tile))); err != nil {
			return nil, err
		}
	}
	return data, nil
}

// entries checks that each entry hashes to its leaf in a tree that tlog verifies against the root.
func (l log) entries(head tlog.Tree) {
	hashes := tlog.TileHashReader(head, l)
	root, err := tlog.TreeHash(head.N, hashes)
	check(err, "the tiles")
	if root != head.Hash {
		check(fmt.Errorf("another root"), "the tiles")
	}
	for first := int64(0); first < head.N; first += 1 << tileHeight {
		width := min(head.N-first, 1<<tileHeight)
		tile := tlog.Tile{H: tileHeight, L: -1, N: first >> tileHeight, W: int(width)}
		bundle := read(l.dir, path(tile))
		indexes := make([]int64, width)
		for i := range indexes {
			indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
		}
		leaves, err := hashes.ReadHashes(indexes)
		check(err, "the leaves of %s", path(tile))
		for i, leaf := range leaves {
			size := int(binary.BigEndian.Uint16(bundle))
			if tlog.RecordHash(bundle[2:2+size]) != leaf {
				check(fmt.Errorf("another hash"), "entry %d", first+int64(i))
			}
			bundle = bundle[2+size:]
		}
		if len(bundle) != 0 {
			check(fmt.Errorf("%d bytes more", len(bundle)), "%s", path(tile))
		}
	}
}

// proof splits lines of hashes from the checkpoint after them.
func proof(data []byte, what string) ([]tlog.Hash, []byte) {
	lines, checkpoint, _ := bytes.Cut(data, []byte("\n\n"))
	var hashes []tlog.Hash
	for _, text := range strings.Split(string(lines), "\n") {
		if text == "" {
			continue
		}
		hash, err := tlog.ParseHash(text)
		check(err, "%s", what)
		hashes = append(hashes, hash)
	}
	return hashes, checkpoint
}

func number(text, prefix, what string) int64 {
	n, err := strconv.ParseInt(strings.TrimPrefix(text, prefix), 10, 64)
	check(err, "%s", what)
	return n
}

// proofs checks every .tlog-proof; its extra data is the entry.
func (l log) proofs() int {
	files, _ := filepath.Glob(filepath.Join(l.dir, "proofs", "*.tlog-proof"))
	for _, file := range files {
		parts := strings.SplitN(string(read(file)), "\n", 4)
		entry, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(parts[1], "extra "))
		check(err, "%s", file)
		index := number(parts[2], "index ", file)
		hashes, checkpoint := proof([]byte("\n"+parts[3]), file)
		head := l.head(checkpoint, file)
		check(tlog.CheckRecord(hashes, head.N, head.Hash, index, tlog.RecordHash(entry)), "%s", file)
	}
	return len(files)
}

// continuations checks that the tree continues each older one.
func (l log) continuations() int {
	files, _ := filepath.Glob(filepath.Join(l.dir, "continuations", "*"))
	for _, file := range files {
		first, rest, _ := bytes.Cut(read(file), []byte("\n"))
		size := number(string(first), "old ", file)
		hashes, checkpoint := proof(append([]byte("\n"), rest...), file)
		head := l.head(checkpoint, file)
		older := l.head(read(l.dir, "older", fmt.Sprint(size)), fmt.Sprintf("older/%d", size))
		check(tlog.CheckTree(hashes, head.N, head.Hash, older.N, older.Hash), "%s", file)
	}
	return len(files)
}

func main() {
	l := open(os.Args[1])
	head := l.head(read(l.dir, "checkpoint"), "checkpoint")
	l.entries(head)
	fmt.Printf("golang.org/x/mod/sumdb: %d entries, %d proofs and %d continuations verified\n",
		head.N, l.proofs(), l.continuations())
}
