// The Go peers of Muster's benchmarks, and a small SSH server that does not hide the clients' own cost.
//
// A peer does one round of work for every line on its standard input and answers with one line of JSON;
// with the flag -once it does one round and exits. It builds with Debian's Go 1.19 too.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"sync"
	"syscall"
	"time"
)

var commands = map[string]func([]string) error{
	"http": httpPeer, "ssh": sshPeer, "sshserver": sshServer, "logs": logsPeer, "tasks": tasksPeer,
}

func main() {
	if len(os.Args) < 2 || commands[os.Args[1]] == nil {
		fail(fmt.Errorf("usage: peers http|ssh|sshserver|logs|tasks|etcd [FLAG...]"))
	}
	if err := commands[os.Args[1]](os.Args[2:]); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}

type sample struct {
	WallMs float64 `json:"wallMs"`
	CpuMs  float64 `json:"cpuMs"`
	Ok     int     `json:"ok"`
	P50Ms  float64 `json:"p50Ms"`
	P95Ms  float64 `json:"p95Ms"`
	P99Ms  float64 `json:"p99Ms"`
}

// A round does the work named by the command and returns the latencies of what succeeded.
// What it registers with `after` is done when the clock has stopped.
type round func(command string, after func(func())) []time.Duration

func serve(once bool, do round) error {
	if once {
		return json.NewEncoder(os.Stdout).Encode(measure("", do))
	}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		if err := json.NewEncoder(os.Stdout).Encode(measure(lines.Text(), do)); err != nil {
			return err
		}
	}
	return lines.Err()
}

func measure(command string, do round) sample {
	var cleanups []func()
	var lock sync.Mutex
	cpu, start := cpuTime(), time.Now()
	latencies := do(command, func(cleanup func()) {
		lock.Lock()
		cleanups = append(cleanups, cleanup)
		lock.Unlock()
	})
	result := sample{WallMs: ms(time.Since(start)), CpuMs: ms(cpuTime() - cpu), Ok: len(latencies)}
	for _, cleanup := range cleanups {
		cleanup()
	}
	sort.Slice(latencies, func(i, j int) bool { return latencies[i] < latencies[j] })
	result.P50Ms, result.P95Ms = percentile(latencies, 50), percentile(latencies, 95)
	result.P99Ms = percentile(latencies, 99)
	return result
}

// By nearest rank, as Muster's summary does.
func percentile(sorted []time.Duration, percent int) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return ms(sorted[(len(sorted)*percent+99)/100-1])
}

func cpuTime() time.Duration {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		fail(err)
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// Calls work for every target from a pool of goroutines and returns the latencies of the calls that succeeded.
func fanOut(targets []string, concurrency int, work func(target string) error) []time.Duration {
	queue := make(chan string)
	done := make(chan time.Duration, len(targets))
	var pool sync.WaitGroup
	for i := 0; i < concurrency; i++ {
		pool.Add(1)
		go func() {
			defer pool.Done()
			for target := range queue {
				start := time.Now()
				if err := work(target); err != nil {
					if os.Getenv("PEERS_VERBOSE") != "" {
						fmt.Fprintln(os.Stderr, target, err)
					}
					continue
				}
				done <- time.Since(start)
			}
		}()
	}
	for _, target := range targets {
		queue <- target
	}
	close(queue)
	pool.Wait()
	close(done)
	latencies := make([]time.Duration, 0, len(targets))
	for latency := range done {
		latencies = append(latencies, latency)
	}
	return latencies
}

func readLines(file string) ([]string, error) {
	opened, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer opened.Close()
	var lines []string
	scanner := bufio.NewScanner(opened)
	for scanner.Scan() {
		if scanner.Text() != "" {
			lines = append(lines, scanner.Text())
		}
	}
	return lines, scanner.Err()
}
