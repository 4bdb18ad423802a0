// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/spiffe/go-spiffe/v2/bundle/jwtbundle"
	"github.com/spiffe/go-spiffe/v2/bundle/x509bundle"
	"github.com/spiffe/go-spiffe/v2/spiffeid"
	"github.com/spiffe/go-spiffe/v2/svid/jwtsvid"
	"github.com/spiffe/go-spiffe/v2/svid/x509svid"
)

// verdictCase is one line of input: a chain or a token, and what it is to be judged by. The token's clock is the machine's:
// go-spiffe takes no other.
type verdictCase struct {
	Kind     string                     `json:"kind"`
	Chain    [][]byte                   `json:"chain"`
	Now      int64                      `json:"now"`
	Token    string                     `json:"token"`
	Audience []string                   `json:"audience"`
	Bundles  map[string]json.RawMessage `json:"bundles"`
}

type verdictAnswer struct {
	OK    bool   `json:"ok"`
	ID    string `json:"id,omitempty"`
	Error string `json:"error,omitempty"`
	Panic bool   `json:"panic,omitempty"`
}

// verdicts answers each line of standard input with go-spiffe's verdict as one line.
func verdicts() error {
	in := bufio.NewReaderSize(os.Stdin, 1<<20)
	out := bufio.NewWriter(os.Stdout)
	encoder := json.NewEncoder(out)
	for {
		line, err := in.ReadBytes('\n')
		if err == io.EOF {
			return out.Flush()
		}
		if err != nil {
			return err
		}
		if err := encoder.Encode(answer(line)); err != nil {
			return err
		}
		if in.Buffered() == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
}

func answer(line []byte) (result verdictAnswer) {
	defer func() {
		if reason := recover(); reason != nil {
			result = verdictAnswer{Error: fmt.Sprint("panic: ", reason), Panic: true}
		}
	}()
	var given verdictCase
	if err := json.Unmarshal(line, &given); err != nil {
		return verdictAnswer{Error: "input: " + err.Error()}
	}
	id, err := given.judge()
	if err != nil {
		return verdictAnswer{Error: err.Error()}
	}
	return verdictAnswer{OK: true, ID: id.String()}
}

func (given *verdictCase) judge() (spiffeid.ID, error) {
	switch given.Kind {
	case "x509":
		bundles, err := given.x509Bundles()
		if err != nil {
			return spiffeid.ID{}, err
		}
		id, _, err := x509svid.ParseAndVerify(given.Chain, bundles, x509svid.WithTime(time.UnixMilli(given.Now)))
		return id, err
	case "jwt":
		bundles, err := given.jwtBundles()
		if err != nil {
			return spiffeid.ID{}, err
		}
		svid, err := jwtsvid.ParseAndValidate(given.Token, bundles, given.Audience)
		if err != nil {
			return spiffeid.ID{}, err
		}
		return svid.ID, nil
	default:
		return spiffeid.ID{}, fmt.Errorf("input: unknown kind %q", given.Kind)
	}
}

func (given *verdictCase) x509Bundles() (*x509bundle.Set, error) {
	set := x509bundle.NewSet()
	for name, raw := range given.Bundles {
		trustDomain, err := spiffeid.TrustDomainFromString(name)
		if err != nil {
			return nil, fmt.Errorf("input: %w", err)
		}
		var ders [][]byte
		if err := json.Unmarshal(raw, &ders); err != nil {
			return nil, fmt.Errorf("input: %w", err)
		}
		bundle := x509bundle.New(trustDomain)
		for _, der := range ders {
			certificate, err := x509.ParseCertificate(der)
			if err != nil {
				return nil, fmt.Errorf("bundle: %w", err)
			}
			bundle.AddX509Authority(certificate)
		}
		set.Add(bundle)
	}
	return set, nil
}

func (given *verdictCase) jwtBundles() (*jwtbundle.Set, error) {
	set := jwtbundle.NewSet()
	for name, raw := range given.Bundles {
		trustDomain, err := spiffeid.TrustDomainFromString(name)
		if err != nil {
			return nil, fmt.Errorf("input: %w", err)
		}
		bundle, err := jwtbundle.Parse(trustDomain, raw)
		if err != nil {
			return nil, fmt.Errorf("bundle: %w", err)
		}
		set.Add(bundle)
	}
	return set, nil
}
