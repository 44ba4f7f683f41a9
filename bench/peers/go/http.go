package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"time"
)

// GETs every URL of a file over a connection of its own and expects 200.
func httpPeer(args []string) error {
	flags := flag.NewFlagSet("http", flag.ExitOnError)
	file := flags.String("targets", "", "file with one URL a line")
	concurrency := flags.Int("concurrency", 50, "goroutines")
	timeout := flags.Duration("timeout", 800*time.Millisecond, "for one target")
	once := flags.Bool("once", false, "one round, then exit")
	if err := flags.Parse(args); err != nil {
		return err
	}
	targets, err := readLines(*file)
	if err != nil {
		return err
	}
	client := &http.Client{Timeout: *timeout, Transport: &http.Transport{DisableKeepAlives: true}}
	get := func(url string) error {
		response, err := client.Get(url)
		if err != nil {
			return err
		}
		defer response.Body.Close()
		if _, err := io.ReadAll(response.Body); err != nil {
			return err
		}
		if response.StatusCode != http.StatusOK {
			return fmt.Errorf("status %d", response.StatusCode)
		}
		return nil
	}
	return serve(*once, func(string, func(func())) []time.Duration { return fanOut(targets, *concurrency, get) })
}
