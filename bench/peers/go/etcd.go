//go:build etcd

package main

import (
	"context"
	"flag"
	"fmt"
	"strconv"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
)

func init() { commands["etcd"] = etcdPeer }

// Watches and lists keys of etcd. Rounds: "replay PREFIX REVISION COUNT" receives COUNT stored events,
// "paced PREFIX 0 COUNT" COUNT events as they are made, whose values begin with the time in microseconds,
// "list PREFIX 0 COUNT" lists keys in pages.
func etcdPeer(args []string) error {
	flags := flag.NewFlagSet("etcd", flag.ExitOnError)
	endpoint := flags.String("endpoint", "", "client address")
	once := flags.Bool("once", false, "one round, then exit")
	if err := flags.Parse(args); err != nil {
		return err
	}
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{*endpoint}, MaxCallRecvMsgSize: 64 << 20})
	if err != nil {
		return err
	}
	defer client.Close()
	return serve(*once, func(command string, _ func(func())) []time.Duration {
		words := strings.Fields(command)
		revision, _ := strconv.ParseInt(words[2], 10, 64)
		count, _ := strconv.Atoi(words[3])
		if words[0] == "list" {
			return listKeys(client, words[1])
		}
		return watchKeys(client, words[1], revision, count, words[0] == "paced")
	})
}

func watchKeys(client *clientv3.Client, prefix string, revision int64, count int, timed bool) []time.Duration {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	options := []clientv3.OpOption{clientv3.WithPrefix(), clientv3.WithPrevKV()}
	if revision > 0 {
		options = append(options, clientv3.WithRev(revision))
	}
	latencies := make([]time.Duration, 0, count)
	for answer := range client.Watch(ctx, prefix, options...) {
		if answer.Err() != nil {
			fail(answer.Err())
		}
		now := time.Now().UnixMicro()
		for _, event := range answer.Events {
			var latency time.Duration
			if timed {
				sent, _ := strconv.ParseInt(strings.SplitN(string(event.Kv.Value), " ", 2)[0], 10, 64)
				latency = time.Duration(now-sent) * time.Microsecond
			}
			latencies = append(latencies, latency)
		}
		if len(latencies) >= count {
			return latencies
		}
	}
	fail(fmt.Errorf("the watch ended"))
	return nil
}

const pageSize = 5000

func listKeys(client *clientv3.Client, prefix string) []time.Duration {
	end := clientv3.GetPrefixRangeEnd(prefix)
	var revision int64
	var keys []time.Duration
	for start := prefix; ; {
		answer, err := client.Get(context.Background(), start, clientv3.WithRange(end), clientv3.WithKeysOnly(),
			clientv3.WithLimit(pageSize), clientv3.WithRev(revision))
		if err != nil {
			fail(err)
		}
		revision = answer.Header.Revision
		keys = append(keys, make([]time.Duration, len(answer.Kvs))...)
		if !answer.More {
			return keys
		}
		start = string(answer.Kvs[len(answer.Kvs)-1].Key) + "\x00"
	}
}
