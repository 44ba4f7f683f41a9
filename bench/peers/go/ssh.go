package main

import (
	"flag"
	"os"
	"sync"
	"time"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"
)

// Runs `true` on every target, host keys verified against a known_hosts file. A round named "warm" uses the
// connections that the first such round opened; any other opens its own and closes them after the clock.
func sshPeer(args []string) error {
	flags := flag.NewFlagSet("ssh", flag.ExitOnError)
	file := flags.String("targets", "", "file with one address:port a line")
	user := flags.String("user", "", "user")
	keyFile := flags.String("key", "", "private key")
	knownHostsFile := flags.String("known-hosts", "", "known_hosts file")
	concurrency := flags.Int("concurrency", 32, "goroutines")
	once := flags.Bool("once", false, "one round, then exit")
	if err := flags.Parse(args); err != nil {
		return err
	}
	targets, err := readLines(*file)
	if err != nil {
		return err
	}
	pem, err := os.ReadFile(*keyFile)
	if err != nil {
		return err
	}
	signer, err := ssh.ParsePrivateKey(pem)
	if err != nil {
		return err
	}
	verified, err := knownhosts.New(*knownHostsFile)
	if err != nil {
		return err
	}
	config := &ssh.ClientConfig{
		User:              *user,
		Auth:              []ssh.AuthMethod{ssh.PublicKeys(signer)},
		HostKeyCallback:   verified,
		HostKeyAlgorithms: []string{ssh.KeyAlgoED25519},
		Timeout:           30 * time.Second,
	}

	var pool sync.Map
	return serve(*once, func(command string, after func(func())) []time.Duration {
		return fanOut(targets, *concurrency, func(target string) error {
			if client, ok := pool.Load(target); ok && command == "warm" {
				return runTrue(client.(*ssh.Client))
			}
			client, err := ssh.Dial("tcp", target, config)
			if err != nil {
				return err
			}
			if command == "warm" {
				pool.Store(target, client)
			} else {
				after(func() { client.Close() })
			}
			return runTrue(client)
		})
	})
}

func runTrue(client *ssh.Client) error {
	session, err := client.NewSession()
	if err != nil {
		return err
	}
	defer session.Close()
	return session.Run("true")
}
