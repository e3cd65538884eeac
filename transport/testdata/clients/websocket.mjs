// node websocket.mjs <url> <subscription> [count]: subscribes with graphql-ws over a websocket, prints the first count
// results, and ends the subscription.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { headers, print, subscription, url } from './target.mjs';

const client = createClient({
  url: url.replace(/^http/, 'ws'),
  webSocketImpl: WebSocket,
  connectionParams: headers,
  retryAttempts: 0,
});
await print(client.iterate({ query: subscription }));
await client.dispose();
