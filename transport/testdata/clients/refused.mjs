// node refused.mjs <url>: connects with graphql-ws and a credential that the server refuses. It prints the close code
// that the client reports, and how often the client tried.
import { createClient } from 'graphql-ws';
import WebSocket from 'ws';
import { url } from './target.mjs';

let attempts = 0;
const client = createClient({
  url: url.replace(/^http/, 'ws'),
  webSocketImpl: class extends WebSocket {
    constructor(...args) {
      super(...args);
      attempts++;
    }
  },
  connectionParams: { authorization: 'Bearer nonsense' },
});
try {
  await client.iterate({ query: 'subscription { __typename }' }).next();
} catch (closed) {
  console.log(`${closed.code} ${closed.reason} after ${attempts}`);
}
