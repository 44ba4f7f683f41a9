package main

import (
	"crypto/sha256"
	"flag"
	"fmt"
	"strconv"
	"time"
)

// Does the tasks of a kind in a pool; a round is named by the number of its workers.
func tasksPeer(args []string) error {
	flags := flag.NewFlagSet("tasks", flag.ExitOnError)
	kind := flags.String("kind", "sleep", "sleep or hash")
	count := flags.Int("count", 1000, "tasks")
	sleep := flags.Duration("sleep", time.Millisecond, "of one task")
	bytes := flags.Int("bytes", 64*1024, "that one task hashes")
	once := flags.Bool("once", false, "one round, then exit")
	if err := flags.Parse(args); err != nil {
		return err
	}
	block := make([]byte, *bytes)
	works := map[string]func(string) error{
		"sleep": func(string) error { time.Sleep(*sleep); return nil },
		"hash":  func(string) error { sha256.Sum256(block); return nil },
	}
	work, ok := works[*kind]
	if !ok {
		return fmt.Errorf("no tasks of kind %q", *kind)
	}
	tasks := make([]string, *count)
	return serve(*once, func(workers string, _ func(func())) []time.Duration {
		concurrency, err := strconv.Atoi(workers)
		if err != nil {
			fail(err)
		}
		return fanOut(tasks, concurrency, work)
	})
}
