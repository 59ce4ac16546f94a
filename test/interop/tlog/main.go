// What Go's own transparency log says: it reads one JSON object from standard input, checks what another implementation made,
// makes the same itself, and writes one JSON object to standard output.
package main

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"os"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

type request struct {
	Entries     [][]byte           // of the log, in order
	Sizes       []int64            // of trees to make proofs in, smallest first
	Seed        []byte             // of the Ed25519 key that signs notes
	Name        string             // of that key
	Text        string             // to sign
	Inclusion   []inclusionProof   // to check
	Consistency []consistencyProof // to check
	Notes       []signedNote       // to check
	Tiles       map[string][]byte  // of the whole log, by their names in C2SP tlog-tiles
}

type answer struct {
	Refused     []string // what was checked and is wrong
	Checked     int      // how much was checked
	Roots       []tlog.Hash
	Inclusion   []inclusionProof
	Consistency []consistencyProof
	Tiles       map[string][]byte
	Key         string
	Note        string
}

type inclusionProof struct {
	Index, Size int64
	Proof       tlog.RecordProof
}

type consistencyProof struct {
	Earlier, Later int64
	Proof          tlog.TreeProof
}

type signedNote struct{ Key, Note, Text string }

func main() {
	var asked request
	must(json.NewDecoder(os.Stdin).Decode(&asked))
	log := grow(asked.Entries)
	said := &answer{Roots: log.roots, Refused: []string{}}
	check(said, log, asked)
	prove(said, log, asked.Sizes)
	said.Tiles = log.tiles()
	said.Key, said.Note = sign(asked)
	must(json.NewEncoder(os.Stdout).Encode(said))
}

// check tries what the other implementation made.
func check(said *answer, log *log, asked request) {
	for _, p := range asked.Inclusion {
		hash := tlog.RecordHash(log.entries[p.Index])
		said.note(tlog.CheckRecord(p.Proof, p.Size, log.roots[p.Size], p.Index, hash), "inclusion", p.Index, p.Size)
	}
	for _, p := range asked.Consistency {
		said.note(tlog.CheckTree(p.Proof, p.Later, log.roots[p.Later], p.Earlier, log.roots[p.Earlier]), "consistency", p.Earlier, p.Later)
	}
	for i, n := range asked.Notes {
		said.note(open(n), "note", i)
	}
	if len(asked.Tiles) > 0 {
		checkTiles(said, log, asked.Tiles)
	}
}

func (a *answer) note(err error, what ...any) {
	a.Checked++
	if err != nil {
		a.Refused = append(a.Refused, fmt.Sprintln(append(what, err)...))
	}
}

func open(n signedNote) error {
	verifier, err := note.NewVerifier(n.Key)
	if err != nil {
		return err
	}
	opened, err := note.Open([]byte(n.Note), note.VerifierList(verifier))
	if err != nil {
		return err
	}
	if opened.Text != n.Text {
		return fmt.Errorf("the text is %q", opened.Text)
	}
	return nil
}

// prove makes the proofs of every entry and of every earlier tree, in each tree that is asked for.
func prove(said *answer, log *log, sizes []int64) {
	for i, size := range sizes {
		for index := range size {
			proof, err := tlog.ProveRecord(size, index, log)
			must(err)
			said.Inclusion = append(said.Inclusion, inclusionProof{index, size, proof})
		}
		for _, earlier := range sizes[:i+1] {
			if earlier == 0 {
				continue
			}
			proof, err := tlog.ProveTree(size, earlier, log)
			must(err)
			said.Consistency = append(said.Consistency, consistencyProof{earlier, size, proof})
		}
	}
}

func sign(asked request) (key, signed string) {
	verifier, secret := keys(asked.Name, asked.Seed)
	signer, err := note.NewSigner(secret)
	must(err)
	bytes, err := note.Sign(&note.Note{Text: asked.Text}, signer)
	must(err)
	return verifier, string(bytes)
}

func keys(name string, seed []byte) (verifier, secret string) {
	verifier, err := note.NewEd25519VerifierKey(name, publicKey(seed))
	must(err)
	parsed, err := note.NewVerifier(verifier)
	must(err)
	encoded := base64.StdEncoding.EncodeToString(append([]byte{1}, seed...))
	return verifier, fmt.Sprintf("PRIVATE+KEY+%s+%08x+%s", name, parsed.KeyHash(), encoded)
}

func must(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
