package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"os"
	"sync"
	"time"
)

type entry struct{ line []byte }

// Reads lines from a file, or from standard input, with bufio.Scanner into pooled entries, as an agent does.
func logsPeer(args []string) error {
	flags := flag.NewFlagSet("logs", flag.ExitOnError)
	file := flags.String("file", "", "file to read; standard input without it")
	if err := flags.Parse(args); err != nil {
		return err
	}
	input := os.Stdin
	if *file != "" {
		opened, err := os.Open(*file)
		if err != nil {
			return err
		}
		defer opened.Close()
		input = opened
	}
	pool := sync.Pool{New: func() any { return new(entry) }}
	started := time.Now()
	lines := bufio.NewScanner(input)
	lines.Buffer(make([]byte, 64*1024), 1024*1024)
	count := 0
	for lines.Scan() {
		one := pool.Get().(*entry)
		one.line = append(one.line[:0], lines.Bytes()...)
		count++
		pool.Put(one)
	}
	if err := lines.Err(); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(sample{WallMs: float64(time.Since(started).Microseconds()) / 1000, Ok: count})
}
