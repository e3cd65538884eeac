// What the scripts beside this one have in common: they talk to the GraphQL server at the address in their first
// argument, as the bearer of GRAPHQL_TOKEN if that is set.
export const url = process.argv[2];
if (!url) {
  console.error('usage: node <script> <url of the GraphQL endpoint> [subscription] [number of results]');
  process.exit(2);
}

const token = process.env.GRAPHQL_TOKEN;
export const headers = token ? { authorization: `Bearer ${token}` } : {};

// subscription and count are what websocket.mjs and sse.mjs ask for.
export const subscription = process.argv[3];
export const count = Number(process.argv[4] ?? 1);

// print takes results from an async iterable, and prints each as a line of JSON. It returns once it has seen count of
// them, and throws if there are fewer.
export async function print(results) {
  let seen = 0;
  for await (const result of results) {
    console.log(JSON.stringify(result));
    if (++seen === count) return;
  }
  throw new Error(`${seen} results; want ${count}`);
}
