package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/gorilla/websocket"
)

// broadcast is the ceiling of delivery: sockets that are sent what is posted,
// all the same frame. It has no protocol, no deadlines, and no heartbeat.
type broadcast struct {
	upgrader websocket.Upgrader

	mu      sync.Mutex
	sockets []*websocket.Conn
}

// serveBroadcast serves sockets until ctx ends.
func serveBroadcast(ctx context.Context, out io.Writer) error {
	b := &broadcast{upgrader: websocket.Upgrader{ReadBufferSize: 512, WriteBufferSize: 4096, WriteBufferPool: &sync.Pool{}}}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /graphql", b.open)
	mux.HandleFunc("POST /send", b.send)
	mux.HandleFunc("GET /collect", collect)
	return serve(ctx, mux, out)
}

func (b *broadcast) open(w http.ResponseWriter, r *http.Request) {
	conn, err := b.upgrader.Upgrade(w, r, nil)
	if err != nil {
		return // the client has been answered
	}
	b.mu.Lock()
	b.sockets = append(b.sockets, conn)
	b.mu.Unlock()
	go func() {
		defer conn.Close()
		for {
			if _, _, err := conn.NextReader(); err != nil {
				return
			}
		}
	}()
}

// send prepares the body as one frame and writes it to every socket.
func (b *broadcast) send(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	message, err := websocket.NewPreparedMessage(websocket.TextMessage, body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, conn := range b.sockets {
		if err := conn.WritePreparedMessage(message); err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
	}
}

// collect does what the probe in Mooring does.
func collect(w http.ResponseWriter, _ *http.Request) {
	runtime.GC()
	debug.FreeOSMemory()
	fmt.Fprintln(w, runtime.NumGoroutine())
}
