package main

import (
	"flag"
	"fmt"
	"net"
	"os"

	"golang.org/x/crypto/ssh"
)

// Accepts one user key on every address of a file and answers each command with exit status 0 without running it.
func sshServer(args []string) error {
	flags := flag.NewFlagSet("sshserver", flag.ExitOnError)
	file := flags.String("targets", "", "file with one address:port a line")
	hostKeyFile := flags.String("host-key", "", "private key of the server")
	authorizedFile := flags.String("authorized", "", "public key of the only user")
	if err := flags.Parse(args); err != nil {
		return err
	}
	pem, err := os.ReadFile(*hostKeyFile)
	if err != nil {
		return err
	}
	hostKey, err := ssh.ParsePrivateKey(pem)
	if err != nil {
		return err
	}
	line, err := os.ReadFile(*authorizedFile)
	if err != nil {
		return err
	}
	authorized, _, _, _, err := ssh.ParseAuthorizedKey(line)
	if err != nil {
		return err
	}
	config := &ssh.ServerConfig{
		PublicKeyCallback: func(_ ssh.ConnMetadata, key ssh.PublicKey) (*ssh.Permissions, error) {
			if string(key.Marshal()) != string(authorized.Marshal()) {
				return nil, fmt.Errorf("not the key that is accepted")
			}
			return nil, nil
		},
	}
	config.AddHostKey(hostKey)
	// The key exchange that every client here has, so that none is charged for another one.
	config.KeyExchanges = []string{"curve25519-sha256", "curve25519-sha256@libssh.org"}

	targets, err := readLines(*file)
	if err != nil {
		return err
	}
	for _, target := range targets {
		listener, err := net.Listen("tcp", target)
		if err != nil {
			return err
		}
		go accept(listener, config)
	}
	fmt.Println("listening")
	select {}
}

func accept(listener net.Listener, config *ssh.ServerConfig) {
	for {
		socket, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			_, channels, requests, err := ssh.NewServerConn(socket, config)
			if err != nil {
				socket.Close()
				return
			}
			go ssh.DiscardRequests(requests)
			for channel := range channels {
				go answer(channel)
			}
		}()
	}
}

func answer(offered ssh.NewChannel) {
	if offered.ChannelType() != "session" {
		offered.Reject(ssh.UnknownChannelType, "sessions only")
		return
	}
	channel, requests, err := offered.Accept()
	if err != nil {
		return
	}
	for request := range requests {
		request.Reply(request.Type == "exec", nil)
		if request.Type == "exec" {
			channel.SendRequest("exit-status", false, ssh.Marshal(struct{ Status uint32 }{0}))
			channel.Close()
			return
		}
	}
}
