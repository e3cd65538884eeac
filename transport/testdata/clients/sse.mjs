// node sse.mjs <url> <subscription> [count]: subscribes with graphql-sse over server-sent events, prints the first
// count results, and ends the subscription.
import { createClient } from 'graphql-sse';
import { headers, print, subscription, url } from './target.mjs';

const client = createClient({ url, headers, retryAttempts: 0 });
await print(client.iterate({ query: subscription }));
client.dispose();
