// Package scenario is what the clients written in Go share. A client is a program: CLIENT BROKER SCENARIO PREFIX.
package scenario

import (
	"fmt"
	"os"
	"reflect"
	"time"
)

// Codecs are the ways to compress a batch.
var Codecs = []string{"none", "gzip", "snappy", "lz4", "zstd"}

// Main runs the scenario that the command line names. A scenario fails by a panic.
func Main(scenarios map[string]func(broker, prefix string)) {
	scenarios[os.Args[2]](os.Args[1], os.Args[3])
}

// Must passes a value on if there was no error.
func Must[T any](value T, err error) T {
	Fine(err)
	return value
}

// Fine stops the scenario if there was an error.
func Fine(err error) {
	if err != nil {
		panic(fmt.Sprintf("Error: %v", err))
	}
}

// Equal stops the scenario if the two differ.
func Equal(got, wanted any, what string) {
	if !reflect.DeepEqual(got, wanted) {
		panic(fmt.Sprintf("Error: %s: %v instead of %v", what, got, wanted))
	}
}

// Eventually waits until question is true.
func Eventually(question func() bool, what string) {
	for end := time.Now().Add(30 * time.Second); !question(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			panic("Error: not within 30 s: " + what)
		}
	}
}

// Numbers are the values "0" to "count - 1", each with a suffix.
func Numbers(count int, suffix string) []string {
	values := make([]string, count)
	for number := range values {
		values[number] = fmt.Sprint(number, suffix)
	}
	return values
}
