// Writes proofs, right ones and spoilt ones, each with what transparency-dev/merkle says of it. See
// ../README.md.
//
// usage: go run . DIR
package main

import (
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/transparency-dev/merkle/proof"
	"github.com/transparency-dev/merkle/rfc6962"
)

// Sizes around powers of two, and every tree up to this one.
const allUpTo = 17

var larger = []uint64{31, 32, 33, 64, 100, 127, 128, 129}
var hasher = rfc6962.DefaultHasher

type inclusion struct {
	Index     uint64   `json:"leafIdx"`
	Size      uint64   `json:"treeSize"`
	Root      []byte   `json:"root"`
	Leaf      []byte   `json:"leafHash"`
	Proof     [][]byte `json:"proof"`
	IsRefused bool     `json:"wantErr"`
}

type consistency struct {
	Size1     uint64   `json:"size1"`
	Size2     uint64   `json:"size2"`
	Root1     []byte   `json:"root1"`
	Root2     []byte   `json:"root2"`
	Proof     [][]byte `json:"proof"`
	IsRefused bool     `json:"wantErr"`
}

func leaf(index uint64) []byte { return hasher.HashLeaf([]byte(fmt.Sprintf("leaf %d", index))) }

// split is the largest power of two below the count.
func split(count uint64) uint64 {
	power := uint64(1)
	for power*2 < count {
		power *= 2
	}
	return power
}

// root is MTH of RFC 9162, 2.1.1, of the leaves [begin, end).
func root(begin, end uint64) []byte {
	switch end - begin {
	case 0:
		return hasher.EmptyRoot()
	case 1:
		return leaf(begin)
	}
	middle := begin + split(end-begin)
	return hasher.HashChildren(root(begin, middle), root(middle, end))
}

// path is PATH of 2.1.3.1.
func path(index, begin, end uint64) [][]byte {
	if end-begin <= 1 {
		return nil
	}
	middle := begin + split(end-begin)
	if index < middle {
		return append(path(index, begin, middle), root(middle, end))
	}
	return append(path(index, middle, end), root(begin, middle))
}

// subproof is SUBPROOF of 2.1.4.1.
func subproof(size, begin, end uint64, isWhole bool) [][]byte {
	if size == end-begin {
		if isWhole {
			return nil
		}
		return [][]byte{root(begin, end)}
	}
	middle := begin + split(end-begin)
	if begin+size <= middle {
		return append(subproof(size, begin, middle, isWhole), root(middle, end))
	}
	return append(subproof(size-(middle-begin), middle, end, false), root(begin, middle))
}

func flipped(hash []byte, bit int) []byte {
	out := append([]byte{}, hash...)
	out[bit/8] ^= 1 << (bit % 8)
	return out
}

// spoilt are proofs that differ from this one.
func spoilt(right [][]byte, others ...[]byte) [][][]byte {
	out := [][][]byte{nil}
	for i := range right {
		for _, bit := range []int{0, 100, 255} {
			wrong := append([][]byte{}, right...)
			wrong[i] = flipped(wrong[i], bit)
			out = append(out, wrong)
		}
		out = append(out, append(append([][]byte{}, right[:i]...), right[i+1:]...))
		for j := 0; j < i; j++ {
			wrong := append([][]byte{}, right...)
			wrong[i], wrong[j] = wrong[j], wrong[i]
			out = append(out, wrong)
		}
	}
	for _, other := range others {
		out = append(out, append([][]byte{other}, right...), append(append([][]byte{}, right...), other))
	}
	return out
}

func inclusions(size uint64) []inclusion {
	var all []inclusion
	whole := root(0, size)
	for index := uint64(0); index < size; index++ {
		right := inclusion{index, size, whole, leaf(index), path(index, 0, size), false}
		all = append(all, right)
		for _, other := range []uint64{0, index - 1, index + 1, index ^ 2, size, size - 1, math.MaxUint64} {
			wrong := right
			wrong.Index = other
			all = append(all, wrong)
		}
		for _, other := range []uint64{0, size - 1, size + 1, size / 2, size * 2, math.MaxUint64} {
			wrong := right
			wrong.Size = other
			all = append(all, wrong)
		}
		for _, other := range [][]byte{flipped(whole, 7), right.Leaf, hasher.EmptyRoot(), make([]byte, 32)} {
			wrong := right
			wrong.Root = other
			all = append(all, wrong)
			wrong = right
			wrong.Leaf = other
			all = append(all, wrong)
		}
		for _, other := range spoilt(right.Proof, whole, right.Leaf, make([]byte, 32)) {
			wrong := right
			wrong.Proof = other
			all = append(all, wrong)
		}
	}
	for i, it := range all {
		all[i].IsRefused = proof.VerifyInclusion(hasher, it.Index, it.Size, it.Leaf, it.Proof, it.Root) != nil
	}
	return all
}

func consistencies(size uint64) []consistency {
	var all []consistency
	whole := root(0, size)
	for older := uint64(1); older <= size; older++ {
		right := consistency{older, size, root(0, older), whole, subproof(older, 0, size, true), false}
		all = append(all, right)
		for _, other := range []uint64{older - 1, older + 1, older ^ 2, older * 2, size, math.MaxUint64} {
			wrong := right
			wrong.Size1 = other
			all = append(all, wrong)
			wrong = right
			wrong.Size2 = other
			all = append(all, wrong)
		}
		wrong := right
		wrong.Size1, wrong.Size2, wrong.Root1, wrong.Root2 = size, older, whole, right.Root1
		all = append(all, wrong)
		for _, other := range [][]byte{flipped(whole, 9), leaf(0), hasher.EmptyRoot(), whole, right.Root1} {
			wrong := right
			wrong.Root1 = other
			all = append(all, wrong)
			wrong = right
			wrong.Root2 = other
			all = append(all, wrong)
		}
		for _, other := range spoilt(right.Proof, whole, right.Root1, make([]byte, 32)) {
			wrong := right
			wrong.Proof = other
			all = append(all, wrong)
		}
	}
	for i, it := range all {
		all[i].IsRefused = proof.VerifyConsistency(hasher, it.Size1, it.Size2, it.Proof, it.Root1, it.Root2) != nil
	}
	return all
}

func write(folder, name string, vectors any) {
	bytes, err := json.Marshal(vectors)
	if err == nil {
		err = os.WriteFile(filepath.Join(folder, name+".json"), bytes, 0o600)
	}
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
}

func main() {
	if len(os.Args) != 2 {
		fmt.Println("usage: go run . DIR")
		os.Exit(2)
	}
	var sizes []uint64
	for size := uint64(1); size <= allUpTo; size++ {
		sizes = append(sizes, size)
	}
	for _, size := range append(sizes, larger...) {
		write(os.Args[1], fmt.Sprintf("inclusion-%d", size), inclusions(size))
		write(os.Args[1], fmt.Sprintf("consistency-%d", size), consistencies(size))
	}
}
