// Package health follows the health of accounts, by a client that genqlient
// generated; docs/clients.md shows it.
package health

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"sync"

	"github.com/Khan/genqlient/graphql"
	"github.com/gorilla/websocket"
)

// Follow gives each change to a function until ctx ends or the connection is
// lost, and returns where to go on: call it again with that. A nil cursor begins
// with a snapshot.
func Follow(ctx context.Context, url, token string, cursor *string, each func(*HealthChangedHealthChangedHealthChange)) (*string, error) {
	var c connection
	client := graphql.NewClientUsingWebSocket(url, &c, graphql.WithConnectionParams(map[string]any{"authorization": "Bearer " + token}))
	lost, err := client.Start(ctx)
	if err != nil {
		return cursor, fmt.Errorf("connect: %w", err)
	}
	defer context.AfterFunc(ctx, func() { _ = c.Close() })()
	items, _, err := HealthChanged(ctx, client, cursor)
	for {
		if err != nil {
			_ = c.Close() // and then it is lost
		}
		select {
		case item, more := <-items:
			switch {
			case !more:
				items, err = nil, errors.New("the server has completed the subscription")
			case item.Errors != nil:
				err = item.Errors
			default:
				cursor = &item.Data.HealthChanged.Cursor
				each(&item.Data.HealthChanged)
			}
		case cause := <-lost:
			return cursor, errors.Join(err, cause)
		}
	}
}

// connection is a websocket that answers the server's pings.
type connection struct {
	*websocket.Conn

	writing sync.Mutex
}

func (c *connection) DialContext(ctx context.Context, url string, header http.Header) (graphql.WSConn, error) {
	conn, _, err := websocket.DefaultDialer.DialContext(ctx, url, header)
	c.Conn = conn
	return c, err
}

func (c *connection) ReadMessage() (int, []byte, error) {
	for {
		kind, message, err := c.Conn.ReadMessage()
		var m struct{ Type string }
		if err != nil || json.Unmarshal(message, &m) != nil || m.Type != "ping" {
			return kind, message, err
		}
		if err := c.WriteMessage(websocket.TextMessage, []byte(`{"type":"pong"}`)); err != nil {
			return 0, nil, err
		}
	}
}

func (c *connection) WriteMessage(kind int, message []byte) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	return c.Conn.WriteMessage(kind, message)
}
