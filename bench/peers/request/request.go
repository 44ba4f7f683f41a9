// One HTTP request of the command line, as small as Go's own packages make it: the peer of `muster` in size and start.
package main

import (
	"flag"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	url := flag.String("url", "", "what is asked")
	method := flag.String("m", http.MethodGet, "method")
	body := flag.String("json", "", "body, sent as application/json")
	timeout := flag.Duration("timeout", 5*time.Second, "for all of it")
	flag.Parse()
	if err := send(*url, *method, *body, *timeout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func send(url, method, body string, timeout time.Duration) error {
	request, err := http.NewRequest(method, url, strings.NewReader(body))
	if err != nil {
		return err
	}
	if body != "" {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := (&http.Client{Timeout: timeout}).Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if _, err := io.Copy(os.Stdout, response.Body); err != nil {
		return err
	}
	if response.StatusCode >= 400 {
		return fmt.Errorf("%s answered %s", url, response.Status)
	}
	return nil
}
