package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/binary"
	"fmt"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// height of tiles in C2SP tlog-tiles, which leaves it out of their names.
const height = 8

type log struct {
	entries [][]byte
	hashes  []tlog.Hash
	roots   []tlog.Hash // of the first 0, 1, 2, … entries
}

func grow(entries [][]byte) *log {
	l := &log{entries: entries}
	for n := range int64(len(entries) + 1) {
		root, err := tlog.TreeHash(n, l)
		must(err)
		l.roots = append(l.roots, root)
		if n == int64(len(entries)) {
			break
		}
		stored, err := tlog.StoredHashes(n, entries[n], l)
		must(err)
		l.hashes = append(l.hashes, stored...)
	}
	return l
}

func (l *log) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		hashes[i] = l.hashes[index]
	}
	return hashes, nil
}

// tiles are those of the whole log: hashes, and the entries themselves.
func (l *log) tiles() map[string][]byte {
	tiles := map[string][]byte{}
	for _, tile := range tlog.NewTiles(height, 0, int64(len(l.entries))) {
		data, err := tlog.ReadTileData(tile, l)
		must(err)
		tiles[nameOf(tile)] = data
		if tile.L == 0 {
			name := strings.Replace(nameOf(tile), "tile/0/", "tile/entries/", 1)
			start := tile.N << height
			tiles[name] = together(l.entries[start : start+int64(tile.W)])
		}
	}
	return tiles
}

func together(entries [][]byte) []byte {
	var joined []byte
	for _, entry := range entries {
		joined = binary.BigEndian.AppendUint16(joined, uint16(len(entry)))
		joined = append(joined, entry...)
	}
	return joined
}

func nameOf(tile tlog.Tile) string {
	return strings.Replace(tile.Path(), "tile/8/", "tile/", 1)
}

// foreign reads the tiles that another implementation made.
type foreign map[string][]byte

func (f foreign) Height() int                             { return height }
func (f foreign) SaveTiles(tiles []tlog.Tile, _ [][]byte) {}

func (f foreign) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, tile := range tiles {
		bytes, ok := f[nameOf(tile)]
		if !ok {
			return nil, fmt.Errorf("there is no %s", nameOf(tile))
		}
		data[i] = bytes
	}
	return data, nil
}

// checkTiles makes every inclusion proof from foreign tiles, and compares each tile and the entries beside them.
func checkTiles(said *answer, l *log, tiles foreign) {
	size := int64(len(l.entries))
	root := l.roots[size]
	reader := tlog.TileHashReader(tlog.Tree{N: size, Hash: root}, tiles)
	for index := range size {
		proof, err := tlog.ProveRecord(size, index, reader)
		if err == nil {
			err = tlog.CheckRecord(proof, size, root, index, tlog.RecordHash(l.entries[index]))
		}
		said.note(err, "tiles", index)
	}
	own := l.tiles()
	for name, data := range own {
		if !bytes.Equal(tiles[name], data) {
			said.note(fmt.Errorf("differs"), "tile", name)
		}
	}
	if len(own) != len(tiles) {
		said.note(fmt.Errorf("%d tiles, and not %d", len(tiles), len(own)), "tiles")
	}
}

func publicKey(seed []byte) ed25519.PublicKey {
	return ed25519.NewKeyFromSeed(seed).Public().(ed25519.PublicKey)
}
