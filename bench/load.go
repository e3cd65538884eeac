package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"time"

	"golang.org/x/sync/errgroup"
)

// request is an HTTP request ready to be written.
type request struct {
	text   []byte
	length int // of the answer's body
}

func get(path string) request {
	return request{text: []byte("GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")}
}

func post(body []byte) request {
	head := fmt.Sprintf("POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n", len(body))
	return request{text: append([]byte(head), body...)}
}

// client is one connection that is kept alive. It does far less than
// http.Client, because the load shares its processors with what is measured.
type client struct {
	conn net.Conn
	r    *bufio.Reader
}

func dial(ctx context.Context, address string) (*client, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, "tcp", address)
	if err != nil {
		return nil, err
	}
	return &client{conn, bufio.NewReaderSize(conn, 16<<10)}, nil
}

// do sends a request and copies the body of a good answer to w.
func (c *client) do(q request, w io.Writer) (int, error) {
	if _, err := c.conn.Write(q.text); err != nil {
		return 0, err
	}
	response, err := http.ReadResponse(c.r, nil)
	if err != nil {
		return 0, err
	}
	defer response.Body.Close()
	n, err := io.Copy(w, response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s for %.200s", response.Status, q.text)
	}
	return int(n), err
}

// sample is what a round showed.
type sample struct {
	rate     float64 // requests a second
	p50, p99 time.Duration
	cpu      time.Duration // of the server, for one request
}

// hammer asks p requests one after the other, on many connections at once, for
// some time. Each connection begins at a place of its own.
func hammer(ctx context.Context, p *process, requests []request, length time.Duration) (sample, error) {
	before, err := p.cpu()
	if err != nil {
		return sample{}, err
	}
	took := make([][]time.Duration, connections)
	group, ctx := errgroup.WithContext(ctx)
	began := time.Now()
	for i := range connections {
		group.Go(func() (err error) {
			took[i], err = askOn(ctx, p.address, requests, i*len(requests)/connections, began.Add(length))
			return err
		})
	}
	if err := group.Wait(); err != nil {
		return sample{}, err
	}
	elapsed := time.Since(began)
	after, err := p.cpu()
	if err != nil {
		return sample{}, err
	}
	all := slices.Concat(took...)
	slices.Sort(all)
	return sample{
		rate: float64(len(all)) / elapsed.Seconds(),
		p50:  percentile(all, 0.50), p99: percentile(all, 0.99),
		cpu: (after - before) / time.Duration(len(all)),
	}, nil
}

// askOn asks on one connection until a moment and returns how long each
// answer took.
func askOn(ctx context.Context, address string, requests []request, first int, until time.Time) ([]time.Duration, error) {
	c, err := dial(ctx, address)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	var took []time.Duration
	for i := first; ; i++ {
		q := requests[i%len(requests)]
		sent := time.Now()
		n, err := c.do(q, io.Discard)
		if err != nil {
			return nil, err
		}
		if n != q.length {
			return nil, fmt.Errorf("an answer has %d bytes instead of %d", n, q.length)
		}
		answered := time.Now()
		took = append(took, answered.Sub(sent))
		if answered.After(until) || ctx.Err() != nil {
			return took, ctx.Err()
		}
	}
}

// ask returns the answer to one request.
func (q request) ask(ctx context.Context, address string) ([]byte, error) {
	c, err := dial(ctx, address)
	if err != nil {
		return nil, err
	}
	defer c.conn.Close()
	var body bytes.Buffer
	_, err = c.do(q, &body)
	return body.Bytes(), err
}
